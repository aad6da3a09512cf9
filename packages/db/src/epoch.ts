import { type Db, statement } from "./db.ts";

/** What the epoch's row says of why it began; see event-log for the others. */
const reason = "restored";

const newEpoch = statement<{ epoch: string }>(
  "db_new_epoch",
  `WITH head AS (
     UPDATE messages.log_head SET epoch = left(gen_random_uuid()::text, 8), pending_id = NULL, pending_xid = NULL
     RETURNING epoch, position
   )
   INSERT INTO messages.log_epochs (epoch, first_position, reason) SELECT epoch, position, $1 FROM head RETURNING epoch`,
);
const hasLog = statement<{ present: boolean }>(
  "db_has_log",
  "SELECT to_regclass('messages.log_head') IS NOT NULL AS present",
);

/**
 * Begins a new epoch of the event log: cursors of before get `sync.reset`. For a database that was put back to an earlier
 * state in a way that its own identity does not show. Answers the epoch, null where there is no log yet.
 * @throws DbError
 */
export async function forceNewEpoch(db: Db): Promise<string | null> {
  const [log] = await db.query(hasLog);
  if (!log?.present) return null;
  const [row] = await db.query(newEpoch, [reason]);
  return row?.epoch ?? null;
}
