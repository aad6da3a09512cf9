import { type Queryable, statement } from "@echo/db";
import type { LogHead } from "../event-log.ts";

/**
 * SQL: what makes this database this one. Another cluster, another timeline (a promotion, a recovery to a point in
 * time), a copy and a restored table differ in one of them. The timeline is the one that is written now: the control
 * file learns of a new one only at the next checkpoint.
 */
const here = `SELECT (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
   ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int AS timeline,
   (SELECT oid::int8 FROM pg_database WHERE datname = current_database()) AS database_oid,
   'messages.log_head'::regclass::oid::int8 AS table_oid`;
const isHere = `(h.system_identifier, h.timeline, h.database_oid, h.table_oid)
   IS NOT DISTINCT FROM (here.system_identifier, here.timeline, here.database_oid, here.table_oid)`;

export interface LogState extends LogHead {
  /** The database is the one that the head says it was written in. */
  isHere: boolean;
  /** Committed events wait for their position. */
  hasWaiting: boolean;
}

const look = statement<LogState>(
  "event_log_look",
  `WITH here AS (${here})
   SELECT h.epoch, h.position, h.floor, ${isHere} AS "isHere",
     EXISTS (SELECT FROM messages.event_new n WHERE n.id >= h.low_id) AS "hasWaiting"
   FROM messages.log_head h CROSS JOIN here`,
);

export async function getState(db: Queryable): Promise<LogState> {
  const [row] = await db.query(look);
  if (row) return row;
  throw new Error("messages.log_head is empty: the migrations of this database were not applied");
}

// The update locks the head's row, and of several processes that look at once the others find it done.
const settle = statement<{ epoch: string; isNew: boolean }>(
  "event_log_settle",
  `WITH here AS (${here}), settled AS (
     UPDATE messages.log_head h SET epoch = CASE WHEN h.system_identifier IS NULL THEN h.epoch ELSE $1 END,
       pending_id = NULL, pending_xid = NULL, system_identifier = here.system_identifier, timeline = here.timeline,
       database_oid = here.database_oid, table_oid = here.table_oid
     FROM here WHERE NOT ${isHere}
     RETURNING h.epoch, h.position
   ), recorded AS (
     INSERT INTO messages.log_epochs (epoch, first_position, reason)
     SELECT epoch, position, 'another database' FROM settled WHERE epoch = $1
   )
   SELECT epoch, epoch = $1 AS "isNew" FROM settled`,
);

/**
 * Writes down which database this is. A new one, which no process has looked at yet, keeps the epoch of its migration; in
 * any other `epoch` begins. Answers whether it did.
 */
export async function settleIn(db: Queryable, epoch: string): Promise<boolean> {
  const [row] = await db.query(settle, [epoch]);
  return row?.isNew ?? false;
}

// Only once, whoever sees it first.
const rewound = statement<{ epoch: string }>(
  "event_log_rewound",
  `WITH head AS (
     UPDATE messages.log_head SET epoch = $1, pending_id = NULL, pending_xid = NULL WHERE epoch = $2 AND position < $3
     RETURNING epoch, position
   )
   INSERT INTO messages.log_epochs (epoch, first_position, reason) SELECT epoch, position, 'went back' FROM head
   RETURNING epoch`,
);

/** Begins `epoch` when the log ends before a position that its epoch is known to have reached. */
export async function leaveRewound(db: Queryable, epoch: string, known: LogHead): Promise<void> {
  await db.query(rewound, [epoch, known.epoch, known.position]);
}
