import { type Queryable, statement, type Tx } from "@echo/db";
import type { Batch, LoggedEvent, LogRange, NewEvent } from "../event-log.ts";

/** SQL: new events from six arrays, the first of which is parameter `first`. */
const given = (first: number): string => {
  const types = ["uuid", "text", "uuid", "uuid", "jsonb"];
  const arrays = types.map((type, index) => `$${first + index}::${type}[]`);
  return `unnest(${arrays.join(", ")}) WITH ORDINALITY AS e(audience_user_id, type, actor_id, ref_id, data, n)`;
};

const valuesOf = (events: readonly NewEvent[]): unknown[] => [
  events.map(({ audienceUserId }) => audienceUserId ?? null),
  events.map(({ type }) => type),
  events.map(({ actorId }) => actorId),
  events.map(({ refId }) => refId),
  events.map(({ data }) => (data === null ? null : JSON.stringify(data))),
];

// The identity is drawn after the sort, so the log's order is the order given.
const onStream = statement(
  "event_log_insert",
  `INSERT INTO messages.event_new (stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data)
   SELECT $1::uuid, $2::int8 + e.n - 1, e.audience_user_id, e.type, e.actor_id, e.ref_id, e.data FROM ${given(3)} ORDER BY e.n`,
);

/** In the order given; the stream's row is locked by this transaction. */
export async function insertOnStream(
  tx: Tx,
  stream: { id: string; firstEventSeq: number },
  events: readonly NewEvent[],
): Promise<void> {
  await tx.query(onStream, [stream.id, stream.firstEventSeq, ...valuesOf(events)]);
}

// The sort takes in every row of `advanced` before the first identity is drawn: all locks are held by then.
const onUserStreams = statement(
  "event_log_insert_on_user_streams",
  `WITH mine AS (
     SELECT u.user_id, e.* FROM unnest($1::uuid[]) WITH ORDINALITY AS u(user_id, n) JOIN ${given(2)} ON e.n = u.n
   ), advanced AS (
     INSERT INTO messages.user_streams AS s (user_id, event_seq)
     SELECT user_id, count(*) FROM mine GROUP BY user_id ORDER BY user_id
     ON CONFLICT (user_id) DO UPDATE SET event_seq = s.event_seq + excluded.event_seq
     RETURNING s.user_id, s.event_seq
   ), placed AS (
     SELECT mine.*, row_number() OVER (PARTITION BY user_id ORDER BY n DESC) - 1 AS before_last FROM mine
   )
   INSERT INTO messages.event_new (stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data)
   SELECT p.user_id, a.event_seq - p.before_last, p.audience_user_id, p.type, p.actor_id, p.ref_id, p.data
   FROM placed p JOIN advanced a ON a.user_id = p.user_id ORDER BY p.n`,
);

/** In the order given; locks the users' streams in id order, and makes those that are missing. */
export async function insertOnUserStreams(
  tx: Tx,
  events: readonly { userId: string; event: NewEvent }[],
): Promise<void> {
  const userIds = events.map(({ userId }) => userId);
  await tx.query(onUserStreams, [userIds, ...valuesOf(events.map(({ event }) => event))]);
}

const append = statement<Batch & { to: number }>(
  "event_log_append",
  `SELECT from_position AS "from", to_position AS "to", stream_ids AS "streamIds", user_ids AS "userIds"
   FROM messages.log_append($1)`,
);

/** Gives up to `limit` waiting events their positions: those after `from` up to `to`. */
export async function appendBatch(db: Queryable, limit: number): Promise<Batch & { to: number }> {
  const [row] = await db.query(append, [limit]);
  if (!row) throw new Error("log_append answers one row");
  return row;
}

const columns = `(SELECT epoch FROM messages.log_head) AS epoch, position, stream_id AS "streamId", event_seq AS "eventSeq",
   audience_user_id AS "audienceUserId", type, actor_id AS "actorId", ref_id AS "refId", data,
   created_at AS "createdAt", logged_at AS "loggedAt"`;

const read = statement<LoggedEvent>(
  "event_log_read",
  `SELECT ${columns} FROM messages.event_log WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3`,
);

const readStreams = statement<LoggedEvent>(
  "event_log_read_streams",
  `SELECT ${columns} FROM messages.event_log WHERE position > $1 AND position <= $2
     AND (stream_id = ANY ($4::uuid[]) OR position = $1 + 1) ORDER BY position LIMIT $3`,
);

export function listEvents(db: Queryable, { from, to, limit, streamIds }: LogRange): Promise<LoggedEvent[]> {
  return streamIds ? db.query(readStreams, [from, to, limit, streamIds]) : db.query(read, [from, to, limit]);
}
