import type { Tx } from "@echo/db";
import type { DriverFacts } from "../drivers/driver-facts.ts";

/** A record of a topic: an event of the log as consumers get it. Ids, types and small data, never what people wrote. */
export interface QueueRecord {
  topic: string;
  /** Records of one key are handled in their order; a UUID. */
  key: string;
  /** Of the log. Rises from record to record of a key. */
  position: number;
  /** Of the log in which that position means something. */
  epoch: string;
  type: string;
  value: Record<string, unknown>;
  /** When it happened, and when it got its position. */
  createdAt: Date;
  loggedAt: Date;
}

export interface ConsumeOptions {
  /** Whose checkpoint it is: 1 to 64 of `a-z`, `0-9` and `-`. Groups know nothing of each other. */
  group: string;
  topics: readonly string[];
  /**
   * What it writes by `tx` commits with the group's checkpoint, so it happens once; anything else it does may happen again.
   * The records are of several keys, those of one key in order. When it fails, the records are handled one by one; one that
   * fails five times becomes a dead letter, and its key goes on.
   */
  handle(tx: Tx, records: readonly QueueRecord[]): Promise<void>;
  /** What a rewind begins with. A group without it may be rewound only when handling again does no harm. */
  forget?: Forgetting;
  /** Records that are handled together, at most. Default 500. */
  maxBatch?: number;
  /** How long `handle` may take; then its transaction is given up, and it gets smaller batches. Default and most 20,000. */
  maxHandleMs?: number;
}

/** How a group takes back what it did, whichever version of it did that: what it then handles again is all that there is. */
export interface Forgetting {
  /** It forgets so many positions at a time, and from a multiple of this on: a rewind goes back to one. */
  stride: number;
  /** Everything goes that it wrote for records after `position`. */
  after(tx: Tx, position: number): Promise<void>;
}

export interface Consumer {
  /** Resolves when nothing is being handled any more; what was begun is finished. */
  stop(): Promise<void>;
}

/** How far a group is behind. */
export interface Lag {
  /** Counted up to 10,000 in each of its eight lanes. */
  events: number;
  /** Since the oldest of them got its position; 0 when there is none. */
  seconds: number;
}

export interface GroupState extends Lag {
  group: string;
  /** Of the log; everything up to it was handled. */
  position: number;
  /** It is on its way back to this position; null: it is not. */
  rewindTo: number | null;
  deadLetters: number;
}

export interface DeadLetter {
  id: string;
  group: string;
  record: QueueRecord;
  /** What the last attempt failed with. */
  error: string;
  attempts: number;
  failedAt: Date;
  /** Somebody asked for another attempt, which was not made yet. */
  isReplayRequested: boolean;
}

/**
 * The durable pipeline: every event of the log reaches every group that asks for its topic, at least once, in the order of
 * its key; its effects in the database happen once (docs/architecture.md, "Consumers").
 */
export interface Queue {
  readonly driver: DriverFacts;
  /** Any number of processes may consume for a group; each record is handled by one of them. */
  consume(options: ConsumeOptions): Consumer;
  /** Every group that ever consumed. @throws DbError */
  groups(): Promise<GroupState[]>;
  /**
   * The group takes back what it did after `position`, or after the multiple of its stride (`Forgetting`) before that, and
   * handles it again; a group that is not so far yet goes on.
   * @throws EchoError NOT_FOUND without such a group, BAD_REQUEST when the log does not go back so far
   */
  rewind(group: string, position: number): Promise<void>;
  /** The last position that was given before this moment: what `rewind` needs to handle everything since. */
  positionBefore(time: Date): Promise<number>;
  /** The oldest first. */
  deadLetters(limit: number): Promise<DeadLetter[]>;
  /** Asks for one more attempt at these, or at all; answers how many there are. It is made by the group's next consumer. */
  replay(ids: readonly string[] | "all"): Promise<number>;
  /** Brings the log's events to where consumers get them, if they do not read the log; one process at a time does. */
  relay(): Consumer;
  /** @throws what is the matter with what brings the records */
  ping(): Promise<void>;
  /** After its consumers were stopped. */
  close(): Promise<void>;
}

const groupNames = /^[a-z0-9-]{1,64}$/;

/** @throws RangeError */
export function assertGroupName(group: string): void {
  if (!groupNames.test(group)) throw new RangeError(`"${group}" is no name of a group`);
}
