import type { Queryable } from "@echo/db";
import { type LogReader, rangesOf } from "./log-reader.ts";
import type { QueueRecord } from "./queue.ts";
import type { Deferred, Incoming, Readable, Unreadable } from "./record-format.ts";

/** What one transaction takes of a batch: from its first record on, records that follow one another in the log. */
export interface BatchPart {
  /** So many of the batch are done with afterwards. */
  count: number;
  taken: { record: QueueRecord; index: number }[];
  unreadable: Unreadable[];
  /** It comes next, and nothing else is taken. */
  deferred: Deferred | null;
  /** How many are of another log, or were taken back by a restore. */
  foreign: number;
  /** Up to here the log may have records of this lane that did not come; they are handled before any of the batch is. */
  gapBefore: number | null;
}

interface PartOptions {
  /** Everything up to this position was handled. */
  from: number;
  maxBatch: number;
  isOurs(record: QueueRecord): boolean;
}

export function firstPart(batch: readonly Incoming[], options: PartOptions): BatchPart {
  const part: BatchPart = { count: 0, taken: [], unreadable: [], deferred: null, foreign: 0, gapBefore: null };
  const end = batch.findIndex((incoming, index) => !extend(part, { incoming, index }, options));
  return { ...part, count: end === -1 ? batch.length : end };
}

/** False when the part ends before this one. */
function extend(
  part: BatchPart,
  { incoming, index }: { incoming: Incoming; index: number },
  { from, maxBatch, isOurs }: PartOptions,
): boolean {
  if (part.taken.length === maxBatch || part.deferred) return false;
  if (incoming.kind === "unreadable") {
    part.unreadable.push(incoming);
    return true;
  }
  const fate = fateOf(incoming, part.taken.at(-1)?.record.position ?? from, isOurs);
  if (fate === "foreign") part.foreign += 1;
  if (fate === "gap" && part.taken.length === 0) part.gapBefore = lastBefore(incoming);
  if (fate !== "next") return fate !== "gap";
  if (incoming.kind === "record") part.taken.push({ record: incoming.record, index });
  else if (part.taken.length > 0) return false;
  else part.deferred = incoming;
  return true;
}

/** What becomes of a record when everything up to `at` was handled. */
function fateOf(
  placed: Readable | Deferred,
  at: number,
  isOurs: PartOptions["isOurs"],
): "foreign" | "done" | "gap" | "next" {
  if (!isOurs(placed.record)) return "foreign";
  if (placed.record.position <= at) return "done";
  return at < (placed.previous ?? lastBefore(placed)) ? "gap" : "next";
}

const lastBefore = ({ record }: Readable | Deferred): number => record.position - 1;

/** A record of an older epoch counts up to where the next one began: what lay beyond was taken back by a restore. */
export async function judgeOf(
  db: Queryable,
  log: LogReader,
  { batch, epoch }: { batch: readonly Incoming[]; epoch: string },
): Promise<(record: QueueRecord) => boolean> {
  const isPresent = batch.every((incoming) => incoming.kind === "unreadable" || incoming.record.epoch === epoch);
  if (isPresent) return () => true;
  const ends = new Map(rangesOf(await log.epochs(db), epoch).map((range) => [range.epoch, range.end]));
  return (record) => record.position <= (ends.get(record.epoch) ?? 0);
}
