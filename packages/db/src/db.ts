import type { Prisma, PrismaClient } from "./generated/client.ts";

/** A prepared statement: its name is what PostgreSQL caches the plan under, its rows are `Row`. */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** Only a type: the shape of one row. */
  readonly row?: Row;
}

/** PostgreSQL cuts longer names off, and two of them may become one. */
const maxNameBytes = 63;

/** Declares a prepared statement. The name is unique in the process and at most 63 bytes; an empty one prepares nothing. */
export function statement<Row>(name: string, text: string): Statement<Row> {
  if (Buffer.byteLength(name) > maxNameBytes) throw new RangeError(`The statement name ${name} has more than 63 bytes`);
  return { name, text };
}

/** What a repository function takes first: the pool, or a transaction on it. */
export interface Queryable {
  /**
   * Runs a prepared statement. int8 comes as number, timestamptz as Date, jsonb parsed, bytea as Buffer, ranges as text.
   * Arrays among the values become PostgreSQL's; an array for jsonb goes as JSON text.
   * @throws DbError; RangeError when an int8 is beyond 2^53
   */
  query<Row>(statement: Statement<Row>, values?: readonly unknown[]): Promise<Row[]>;
  /** Ordinary Prisma, on the same connection as `query` inside a transaction. */
  readonly prisma: Prisma.TransactionClient | PrismaClient;
}

/** One transaction: `query` and `prisma` run on its connection. */
export interface Tx extends Queryable {
  readonly isTransaction: true;
  /** Has `work` called once the transaction is committed; never when it fails, and once however often it ran. */
  afterCommit(work: () => void): void;
}

/** One connection outside of any transaction, for locks of a session and statements that refuse a transaction. */
export interface Session {
  /** Runs a statement without preparing it. @throws DbError */
  query<Row>(statement: Statement<Row>, values?: readonly unknown[]): Promise<Row[]>;
}

export interface PoolStats {
  total: number;
  idle: number;
  waiting: number;
  max: number;
}

/** What NOTIFY brought. */
export interface Notification {
  channel: string;
  payload: string;
}

export interface ListenHandlers {
  onNotification(notification: Notification): void;
  /** The connection was lost and is back: what was announced in between is lost. */
  onReconnect(): void;
}

/** A connection of its own that listens; it comes back by itself until it is closed. */
export interface Listener {
  /** @throws DbError when the connection is away */
  listen(channel: string): Promise<void>;
  unlisten(channel: string): Promise<void>;
  close(): Promise<void>;
}

export interface Db extends Queryable {
  /**
   * Runs `work` in one READ COMMITTED transaction; serialization failures and deadlocks run it again, at most 5 times
   * with a growing pause, so `work` must have no effect outside the transaction.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs `work` on a connection of its own, without a limit of time; its locks and settings end with it. Not through a
   * pooler (DATABASE_DIRECT_URL).
   */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Opens a connection that listens (DATABASE_DIRECT_URL: a pooler cannot pass NOTIFY on). */
  listener(handlers: ListenHandlers): Promise<Listener>;
  /** Round trip in milliseconds. @throws DbError */
  ping(): Promise<number>;
  stats(): PoolStats;
  close(): Promise<void>;
}
