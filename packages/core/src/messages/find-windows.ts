import type { Queryable } from "@echo/db";
import { endOf, type SeenConversation, type Span } from "../membership/index.ts";
import { findLastSeqsBefore } from "./repository/page.ts";
import { afterLastSeq, type Window } from "./window.ts";

/**
 * What each viewer may read, in terms of seq. Members who see all, and members since one join, are known without a
 * query; the rest (who left, who came back) is searched in one.
 */
export async function findWindows(db: Queryable, viewers: readonly SeenConversation[]): Promise<Window[][]> {
  const known = viewers.map(knownWindows);
  const places = viewers.flatMap((viewer, i) => (known[i] ? [] : placesOf(viewer)));
  const seqs = places.length > 0 ? await findLastSeqsBefore(db, places) : [];
  const next = seqs.values();
  const seqBefore = (bound: number | null) => (bound === null ? afterLastSeq : (next.next().value ?? 0) + 1);
  return viewers.map(
    (viewer, i) => known[i] ?? readable(viewer).map(({ from, to }) => ({ from: seqBefore(from), to: seqBefore(to) })),
  );
}

function knownWindows({ leftAt, historyVisibility, spans, joinedSeq }: SeenConversation): Window[] | null {
  if (leftAt) return null;
  if (historyVisibility === "all") return [{ from: 1, to: afterLastSeq }];
  return spans.length === 1 ? [{ from: joinedSeq + 1, to: afterLastSeq }] : null;
}

/** The ranges of event_seq that may be read. */
function readable({ historyVisibility, spans }: SeenConversation): Span[] {
  return historyVisibility === "all" ? [{ from: 1, to: endOf(spans) }] : spans;
}

function placesOf(viewer: SeenConversation): { conversationId: string; eventSeq: number }[] {
  const { conversationId } = viewer;
  return readable(viewer)
    .flatMap(({ from, to }) => [from, to])
    .filter((eventSeq) => eventSeq !== null)
    .map((eventSeq) => ({ conversationId, eventSeq }));
}
