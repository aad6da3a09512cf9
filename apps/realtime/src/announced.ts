import type { Batch } from "@echo/core/event-log";

type Names = Pick<Batch, "streamIds" | "userIds">;
type Announcement = Batch & { to: number };

/** A part of the log that comes next; `names` null: it may be about anybody. */
export interface NextRange {
  to: number;
  names: Names | null;
}

/** Batches that were announced and not taken yet; beyond it they are forgotten, and read whole. */
const maxBatches = 1_024;

/** What announcements told of the log between this node's place and its end. */
export class Announced {
  /** Ascending, without overlap; there may be gaps. */
  #batches: Announcement[] = [];

  add(to: number, batch: Batch): void {
    if (this.#batches.length >= maxBatches) this.clear();
    this.#batches.push({ ...batch, to });
  }

  /** What was told is of another log. */
  clear(): void {
    this.#batches = [];
  }

  /** From `from` to `target` at most, as far as the announcements join without a gap, and not far beyond `maxEvents`. */
  next(from: number, target: number, maxEvents: number): NextRange {
    const joined = this.#joinedTo(from, maxEvents);
    const last = joined.at(-1);
    if (last) return { to: last.to, names: namesOf(joined) };
    const gapEnd = this.#batches[0]?.from ?? target;
    return { to: Math.min(gapEnd, target), names: null };
  }

  #joinedTo(from: number, maxEvents: number): Announcement[] {
    this.#batches = this.#batches.filter(({ to }) => to > from);
    let end = from;
    const after = this.#batches.findIndex((batch) => {
      if (batch.from > end || end - from >= maxEvents) return true;
      end = batch.to;
      return false;
    });
    return after === -1 ? this.#batches : this.#batches.slice(0, after);
  }
}

const namesOf = (batches: readonly Batch[]): Names => ({
  streamIds: [...new Set(batches.flatMap(({ streamIds }) => streamIds))],
  userIds: [...new Set(batches.flatMap(({ userIds }) => userIds))],
});
