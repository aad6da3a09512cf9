import { type Queryable, statement, type Tx } from "@echo/db";

/** A range of positions with a table of its own: `from` up to but without `to`. */
export interface Partition {
  name: string;
  from: number;
  to: number;
  /** A DETACH CONCURRENTLY was begun and not ended. */
  isDetaching: boolean;
}

const lock = statement<{ isMine: boolean }>(
  "event_log_lock_partitions",
  `SELECT pg_try_advisory_xact_lock(4712) AS "isMine"`,
);

/** Whether this transaction is the one that cares for the partitions now. */
export async function tryLockPartitions(tx: Tx): Promise<boolean> {
  const [row] = await tx.query(lock);
  return row?.isMine ?? false;
}

const attached = statement<Partition>(
  "event_log_list_partitions",
  `SELECT c.relname AS name, (bound.of[1])::bigint AS "from", (bound.of[2])::bigint AS "to", i.inhdetachpending AS "isDetaching"
   FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
     LATERAL (SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('?(\\d+)'?\\) TO \\('?(\\d+)'?\\)$$) AS of) bound
   WHERE i.inhparent = 'messages.event_log'::regclass ORDER BY 2`,
);

export function listPartitions(db: Queryable): Promise<Partition[]> {
  return db.query(attached);
}

const loose = statement<{ name: string }>(
  "event_log_list_loose_partitions",
  `SELECT c.relname AS name FROM pg_class c
   WHERE c.relnamespace = 'messages'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^event_log_\\d+$'
     AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
     AND substr(c.relname, 11)::bigint <= (SELECT floor FROM messages.log_head)`,
);

/** Tables of dropped ranges that somebody detached and did not drop before he died. */
export async function listLoosePartitions(db: Queryable): Promise<string[]> {
  return (await db.query(loose)).map(({ name }) => name);
}

const newest = statement<{ loggedAt: Date | null }>(
  "event_log_newest_before",
  `SELECT logged_at AS "loggedAt" FROM messages.event_log WHERE position < $1 ORDER BY position DESC LIMIT 1`,
);

/** When the last event before `position` got its place; null when there is none. */
export async function findLoggedBefore(db: Queryable, position: number): Promise<Date | null> {
  const [row] = await db.query(newest, [position]);
  return row?.loggedAt ?? null;
}

const raise = statement(
  "event_log_raise_floor",
  "UPDATE messages.log_head SET floor = greatest(floor, $1) WHERE floor < $1",
);

/** From now on cursors below it are refused, whether the rows are still there or not. */
export async function raiseFloor(db: Queryable, floor: number): Promise<void> {
  await db.query(raise, [floor]);
}

// Names are ours and numbers are numbers; DDL takes no parameters. Each statement runs once, so it keeps no plan.
const ddl = (db: Queryable, text: string) => db.query(statement("", text));

/** CREATE, CHECK, ATTACH: the form that neither scans nor keeps readers and writers waiting. */
export async function attachPartition(db: Queryable, { from, to }: { from: number; to: number }): Promise<void> {
  const table = `messages.event_log_${from}`;
  await ddl(
    db,
    `CREATE TABLE IF NOT EXISTS ${table} (LIKE messages.event_log INCLUDING DEFAULTS INCLUDING INDEXES,
    CONSTRAINT event_log_${from}_range CHECK (position >= ${from} AND position < ${to}))`,
  );
  await ddl(db, `ALTER TABLE messages.event_log ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${to})`);
  await ddl(db, `ALTER TABLE ${table} DROP CONSTRAINT event_log_${from}_range`);
}

/** Does not keep readers and writers waiting; ends what an earlier one began. */
export async function detachPartition(db: Queryable, { name, isDetaching }: Partition): Promise<void> {
  const how = isDetaching ? "FINALIZE" : "CONCURRENTLY";
  await ddl(db, `ALTER TABLE messages.event_log DETACH PARTITION messages.${name} ${how}`);
}

export async function dropTable(db: Queryable, name: string): Promise<void> {
  await ddl(db, `DROP TABLE IF EXISTS messages.${name}`);
}
