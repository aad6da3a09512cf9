import { type Queryable, statement, type Tx } from "@echo/db";
import type { LoggedEvent, NewEvent } from "../event-log.ts";

/** An event with its place in its stream. */
export interface PlacedEvent {
  streamId: string;
  eventSeq: number;
  event: NewEvent;
}

const insertRows = statement(
  "event_log_insert",
  `INSERT INTO messages.event_new (stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data)
   SELECT e.stream_id, e.event_seq, e.audience_user_id, e.type, e.actor_id, e.ref_id, e.data
   FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::jsonb[]) WITH ORDINALITY
     AS e(stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data, n)
   ORDER BY e.n`,
);

/** In the order given, which is the order that the log keeps. The streams' rows are locked by this transaction. */
export async function insertPlaced(tx: Tx, placed: readonly PlacedEvent[]): Promise<void> {
  await tx.query(insertRows, [
    placed.map(({ streamId }) => streamId),
    placed.map(({ eventSeq }) => eventSeq),
    placed.map(({ event }) => event.audienceUserId ?? null),
    placed.map(({ event }) => event.type),
    placed.map(({ event }) => event.actorId),
    placed.map(({ event }) => event.refId),
    placed.map(({ event }) => (event.data === null ? null : JSON.stringify(event.data))),
  ]);
}

const append = statement<{ from: number; to: number }>(
  "event_log_append",
  `SELECT from_position AS "from", to_position AS "to" FROM messages.log_append($1)`,
);

/** Gives up to `limit` waiting events their positions: those after `from` up to `to`. */
export async function appendBatch(db: Queryable, limit: number): Promise<{ from: number; to: number }> {
  const [row] = await db.query(append, [limit]);
  return row ?? { from: 0, to: 0 };
}

const read = statement<LoggedEvent>(
  "event_log_read",
  `SELECT (SELECT epoch FROM messages.log_head) AS epoch, position, stream_id AS "streamId", event_seq AS "eventSeq", audience_user_id AS "audienceUserId", type,
     actor_id AS "actorId", ref_id AS "refId", data, created_at AS "createdAt", logged_at AS "loggedAt"
   FROM messages.event_log WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3`,
);

export function listEvents(db: Queryable, range: { from: number; to: number; limit: number }): Promise<LoggedEvent[]> {
  return db.query(read, [range.from, range.to, range.limit]);
}
