import type { Reach } from "./repository/page.ts";
import { afterLastSeq } from "./window.ts";

/** Where a page of history lies; at most one of the seqs. */
export interface Anchor {
  beforeSeq?: number | undefined;
  afterSeq?: number | undefined;
  aroundSeq?: number | undefined;
  limit: number;
}

export interface Cut<Row> {
  page: Row[];
  hasMoreBefore: boolean;
  hasMoreAfter: boolean;
}

/** What must be read to fill the page and to know what lies beyond both of its ends. */
export function reachOf({ beforeSeq, afterSeq, aroundSeq, limit }: Anchor): Reach {
  if (beforeSeq !== undefined) return { belowSeq: beforeSeq, below: limit + 1, fromSeq: beforeSeq, above: 2 };
  if (afterSeq !== undefined) return { belowSeq: afterSeq + 1, below: 2, fromSeq: afterSeq + 1, above: limit + 1 };
  if (aroundSeq !== undefined) return { belowSeq: aroundSeq, below: limit + 1, fromSeq: aroundSeq, above: limit + 1 };
  return { belowSeq: afterLastSeq, below: limit + 1, fromSeq: afterLastSeq, above: 0 };
}

/** Cuts the page out of what was read; an empty page speaks of what lies before and after its anchor. */
export function cut<Row extends { seq: number }>(rows: readonly Row[], anchor: Anchor): Cut<Row> {
  const { beforeSeq, afterSeq, aroundSeq, limit } = anchor;
  const { belowSeq } = reachOf(anchor);
  const below = rows.filter((row) => row.seq < belowSeq);
  const above = rows.filter((row) => row.seq >= belowSeq);
  if (aroundSeq !== undefined) return cutAround(below, above, limit);
  if (afterSeq !== undefined) {
    const page = above.slice(0, limit);
    const before = page.length > 0 ? below : below.filter((row) => row.seq < afterSeq);
    return { page, hasMoreBefore: before.length > 0, hasMoreAfter: above.length > limit };
  }
  const page = below.slice(-limit);
  const after = page.length > 0 ? above : above.filter((row) => row.seq > (beforeSeq ?? afterLastSeq));
  return { page, hasMoreBefore: below.length > limit, hasMoreAfter: after.length > 0 };
}

/** Half of the page before the anchor, the anchor and the rest from it on; a short side leaves its room to the other. */
function cutAround<Row>(below: Row[], above: Row[], limit: number): Cut<Row> {
  if (above.length === 0) return { page: [], hasMoreBefore: below.length > 0, hasMoreAfter: false };
  const nBelow = Math.min(below.length, Math.max(Math.floor(limit / 2), limit - above.length));
  const nAbove = Math.min(above.length, limit - nBelow);
  const page = [...below.slice(below.length - nBelow), ...above.slice(0, nAbove)];
  return { page, hasMoreBefore: below.length > nBelow, hasMoreAfter: above.length > nAbove };
}
