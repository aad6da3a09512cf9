/** An event before it has a position. Ids, types and small data only: never text, titles or names. */
export interface NewEvent {
  type: string;
  actorId: string | null;
  refId: string | null;
  data: Record<string, unknown> | null;
  /** Only this user may receive it, whoever else reads the stream. */
  audienceUserId?: string;
}

/** An event of the log. */
export interface LoggedEvent {
  /** Of the log that it was read from: a position means something within it alone. */
  epoch: string;
  position: number;
  streamId: string;
  eventSeq: number;
  audienceUserId: string | null;
  type: string;
  actorId: string | null;
  refId: string | null;
  data: Record<string, unknown> | null;
  createdAt: Date;
  loggedAt: Date;
}

export interface LogHead {
  /** Changes when the database is another one: restored, promoted, copied. */
  epoch: string;
  /** Of the last event. */
  position: number;
  /** Events up to and with this position are dropped. */
  floor: number;
}

/** What was appended at once: the positions after `from` up to the head that it is told with. */
export interface Batch {
  from: number;
  /** Of all its events: an event of any other stream is not in it. */
  streamIds: readonly string[];
  /** Whom its events name as `userId`: people who join, leave or change their role. */
  userIds: readonly string[];
}

/** `batch`: what is between the head before and this one, when that is known. */
export type AdvanceListener = (head: LogHead, batch: Batch | null) => void;

/** A part of the log. */
export interface LogRange {
  from: number;
  to: number;
  limit: number;
  /** Only these streams' events, and the one at from + 1. */
  streamIds?: readonly string[] | undefined;
}

/** The log as processes use it. */
export interface EventLog {
  /**
   * After a commit: gives waiting events their positions, and wakes the readers. One call in flight per process, again if
   * more came. Never throws.
   */
  appendSoon(): void;
  /** Resolves when everything that was committed before the call has its position. */
  appendNow(): Promise<void>;
  /** Read from the database after the call, once for all who ask meanwhile, and of its present epoch. @throws DbError */
  head(): Promise<LogHead>;
  /**
   * from < position <= to, ascending. Positions have no holes: a first event other than from + 1 tells that the log does
   * not go back so far any more. @throws DbError
   */
  read(range: LogRange): Promise<LoggedEvent[]>;
  /**
   * Calls back with the new head on a wake-up, at least every second when it moved, and when the epoch changed; answers
   * how to stop it.
   */
  onAdvance(listener: AdvanceListener): () => void;
  /** Starts the 1 s sweep, the look at the epoch and the care for partitions. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
