import { statement, type Tx } from "@echo/db";

const makeStreams = statement(
  "event_log_make_user_streams",
  `INSERT INTO messages.user_streams (user_id) SELECT u FROM unnest($1::uuid[]) AS u ORDER BY u ON CONFLICT DO NOTHING`,
);
const lockStreams = statement<{ userId: string; eventSeq: number }>(
  "event_log_lock_user_streams",
  `SELECT user_id AS "userId", event_seq AS "eventSeq" FROM messages.user_streams
   WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE`,
);
const advanceStreams = statement(
  "event_log_advance_user_streams",
  `UPDATE messages.user_streams s SET event_seq = s.event_seq + a.n
   FROM unnest($1::uuid[], $2::bigint[]) AS a(user_id, n) WHERE s.user_id = a.user_id`,
);

/** Locks personal streams in id order, making those that are missing; answers the event_seq of each. */
export async function lockUserStreams(tx: Tx, userIds: readonly string[]): Promise<Map<string, number>> {
  let rows = await tx.query(lockStreams, [userIds]);
  if (rows.length < userIds.length) {
    await tx.query(makeStreams, [userIds]);
    rows = await tx.query(lockStreams, [userIds]);
  }
  return new Map(rows.map(({ userId, eventSeq }) => [userId, eventSeq]));
}

export async function advanceUserStreams(tx: Tx, by: ReadonlyMap<string, number>): Promise<void> {
  await tx.query(advanceStreams, [[...by.keys()], [...by.values()]]);
}
