import type { Queryable } from "@echo/db";
import type { QueueRecord } from "./queue.ts";

/** Records of a group are split by their key: those of a lane are handled one after the other. */
export const laneCount = 8;

/** By the last digit of the key, which is random in every UUID that Echo makes. A log reader's SQL says the same. */
export const laneOf = (key: string): number => Number.parseInt(key.slice(-1), 16) % laneCount;

export interface RecordRange {
  /** from < position <= to. */
  from: number;
  to: number;
  limit: number;
  topics: readonly string[];
  lane: number;
}

/** An epoch of the log, and the position that it began after. */
export interface EpochBeginning {
  epoch: string;
  position: number;
}

interface Backlog {
  topics: readonly string[];
  /** By lane: up to where it was handled. */
  positions: readonly number[];
}

export interface Waiting {
  events: number;
  /** Of the first of them: its position, and when it got it. Null: there is none. */
  first: number | null;
  oldestAt: Date | null;
}

/** The log that a queue drives its consumers from: what this package needs to know of it. */
export interface LogReader {
  head(db: Queryable): Promise<{ epoch: string; position: number; floor: number }>;
  read(db: Queryable, range: RecordRange): Promise<QueueRecord[]>;
  /** Of all topics and lanes, ascending: from < position. */
  readAll(db: Queryable, range: { from: number; limit: number }): Promise<QueueRecord[]>;
  /** What is not handled yet. */
  backlog(db: Queryable, backlog: Backlog): Promise<Waiting>;
  positionBefore(db: Queryable, time: Date): Promise<number>;
  /** The oldest first. What an epoch had beyond the beginning of a later one was taken back with the database. */
  epochs(db: Queryable): Promise<EpochBeginning[]>;
  /** All that there are; the first is there in every version. */
  topics: readonly string[];
  /** Whether a record of a topic may be of this type. */
  knows(topic: string, type: string): boolean;
  /** Calls back when there is more; with the keys that it is about, or null when they are not known. */
  onAdvance(listener: (keys: readonly string[] | null) => void): () => void;
}

/** The position that an epoch began after; 0 for one that is not written down. */
export const beginningOf = async (db: Queryable, log: LogReader, epoch: string): Promise<number> =>
  (await log.epochs(db)).find((each) => each.epoch === epoch)?.position ?? 0;

/** An epoch that began after `position`, and the last position of it that no later one took back. */
export interface EpochRange extends EpochBeginning {
  end: number;
}

/** The newest first. The present one is there whether or not it is written down, and has no end. */
export function rangesOf(epochs: readonly EpochBeginning[], present: string): EpochRange[] {
  const isWritten = epochs.some(({ epoch }) => epoch === present);
  const all = isWritten ? epochs.toReversed() : [{ epoch: present, position: 0 }, ...epochs.toReversed()];
  let end = Number.MAX_SAFE_INTEGER;
  return all.map((each) => {
    const range = { ...each, end };
    end = Math.min(end, each.position);
    return range;
  });
}
