import { type Queryable, statement } from "@echo/db";
import type { LogHead } from "../event-log.ts";

/** What makes this database this one: another cluster, another timeline after a promotion, a copy, a restored table. */
const identity = `SELECT (pg_control_system()).system_identifier AS system_identifier,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline,
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database_oid,
    'messages.log_head'::regclass::oid::bigint AS table_oid`;

const recognise = statement<LogHead & { isNew: boolean }>(
  "event_log_recognise",
  `WITH here AS (${identity}), changed AS (
     UPDATE messages.log_head h SET epoch = CASE WHEN h.system_identifier IS NULL THEN h.epoch ELSE $1 END,
       pending_id = NULL, pending_xid = NULL,
       system_identifier = here.system_identifier, timeline = here.timeline, database_oid = here.database_oid, table_oid = here.table_oid
     FROM here WHERE (h.system_identifier, h.timeline, h.database_oid, h.table_oid)
       IS DISTINCT FROM (here.system_identifier, here.timeline, here.database_oid, here.table_oid)
     RETURNING h.epoch, h.position, h.floor, h.epoch = $1 AS "isNew"
   ), noted AS (
     INSERT INTO messages.log_epochs (epoch, first_position, reason) SELECT epoch, position, 'another database' FROM changed WHERE "isNew"
   )
   SELECT * FROM changed`,
);

const look = statement<LogHead & { isKnown: boolean; hasWaiting: boolean }>(
  "event_log_look",
  `WITH here AS (${identity})
   SELECT h.epoch, h.position, h.floor,
     (h.system_identifier, h.timeline, h.database_oid, h.table_oid)
       IS NOT DISTINCT FROM (here.system_identifier, here.timeline, here.database_oid, here.table_oid) AS "isKnown",
     EXISTS (SELECT FROM messages.event_new n WHERE n.id >= h.low_id) AS "hasWaiting"
   FROM messages.log_head h, here`,
);

/** The head, whether the database is the one that it was written in, and whether events wait for their position. */
export async function getState(db: Queryable): Promise<LogHead & { isKnown: boolean; hasWaiting: boolean }> {
  const [row] = await db.query(look);
  if (row) return row;
  throw new Error("messages.log_head is empty: the migrations of this database are not applied");
}

/**
 * Writes down which database this is. The first look at a fresh one keeps its epoch; in another one than before `epoch`
 * begins. Of several processes that look at once, one does it.
 */
export async function recogniseDatabase(db: Queryable, epoch: string): Promise<void> {
  await db.query(recognise, [epoch]);
}
