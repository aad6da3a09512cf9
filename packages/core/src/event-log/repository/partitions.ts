import { isDbError, type Session, statement, type Tx } from "@echo/db";

/** A range of positions with a table of its own: `from` up to but without `to`. */
export interface Partition {
  name: string;
  from: number;
  to: number;
  /** A DETACH CONCURRENTLY was begun and not ended. */
  isDetaching: boolean;
}

/** Whether an append failed because its positions have no partition: PostgreSQL tells it as a check that failed. */
export const isOutOfPartitions = (error: unknown): boolean => isDbError(error, "check");

const lockMake = statement("event_log_lock_making", "SELECT pg_advisory_xact_lock(4712)");

/** Waits for others that make partitions, to the transaction's end. */
export async function lockMaking(tx: Tx): Promise<void> {
  await tx.query(lockMake);
}

const lockDrop = statement<{ isMine: boolean }>(
  "event_log_lock_dropping",
  `SELECT pg_try_advisory_lock(4713) AS "isMine"`,
);

/** Whether this session is the one that drops partitions now. */
export async function tryLockDropping(session: Session): Promise<boolean> {
  const [row] = await session.query(lockDrop);
  return row?.isMine ?? false;
}

const attached = statement<Partition>(
  "event_log_list_partitions",
  `SELECT c.relname AS name, bound.of[1]::int8 AS "from", bound.of[2]::int8 AS "to", i.inhdetachpending AS "isDetaching"
   FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid CROSS JOIN LATERAL (
     SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('?(\\d+)'?\\) TO \\('?(\\d+)'?\\)$$) AS of) bound
   WHERE i.inhparent = 'messages.event_log'::regclass ORDER BY "from"`,
);

/** In the order of positions. */
export function listPartitions(db: Session): Promise<Partition[]> {
  return db.query(attached);
}

const loose = statement<{ name: string }>(
  "event_log_list_loose_partitions",
  `SELECT c.relname AS name FROM pg_class c
   WHERE c.relnamespace = 'messages'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^event_log_\\d+$'
     AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
     AND substr(c.relname, length('event_log_') + 1)::int8 <= (SELECT floor FROM messages.log_head)`,
);

/** Tables below the floor that somebody detached and did not drop before he died. */
export async function listLoosePartitions(session: Session): Promise<string[]> {
  return (await session.query(loose)).map(({ name }) => name);
}

// By the database's clock, which wrote logged_at: a process whose own clock is ahead must not drop a day too much. A
// partition that is not full has no last event yet.
const since = statement<{ some: boolean }>(
  "event_log_has_events_since",
  `SELECT NOT EXISTS (SELECT FROM messages.log_head WHERE position >= $1::int8 - 1) OR EXISTS (
     SELECT FROM messages.event_log WHERE position = $1::int8 - 1
       AND logged_at >= clock_timestamp() - make_interval(days => $2)) AS some`,
);

/** Whether the partition is still written, or its last event is younger than so many full days. */
export async function hasEventsSince(session: Session, { to }: Partition, days: number): Promise<boolean> {
  const [row] = await session.query(since, [to, days]);
  return row?.some ?? true;
}

const raise = statement("event_log_raise_floor", "UPDATE messages.log_head SET floor = $1 WHERE floor < $1");

/** From now on cursors below it are refused, whether the rows are still there or not. */
export async function raiseFloor(session: Session, floor: number): Promise<void> {
  await session.query(raise, [floor]);
}

// Names are ours and numbers are numbers: DDL takes no parameters. Without a name nothing stays prepared.
const ddl = (db: Session, text: string) => db.query(statement("", text));

/** CREATE, CHECK, ATTACH: the form that neither scans nor keeps readers and writers waiting. */
export async function attachPartition(tx: Tx, { from, to }: { from: number; to: number }): Promise<void> {
  const table = `messages.event_log_${from}`;
  await ddl(
    tx,
    `CREATE TABLE ${table} (LIKE messages.event_log INCLUDING DEFAULTS INCLUDING STORAGE,
       CONSTRAINT event_log_range CHECK (position >= ${from} AND position < ${to}))`,
  );
  await ddl(tx, `ALTER TABLE messages.event_log ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${to})`);
}

/** Keeps neither readers nor writers waiting; ends what an earlier one began. */
export async function detachPartition(session: Session, { name, isDetaching }: Partition): Promise<void> {
  const how = isDetaching ? "FINALIZE" : "CONCURRENTLY";
  await ddl(session, `ALTER TABLE messages.event_log DETACH PARTITION messages.${name} ${how}`);
}

export async function dropTable(session: Session, name: string): Promise<void> {
  await ddl(session, `DROP TABLE IF EXISTS messages.${name}`);
}
