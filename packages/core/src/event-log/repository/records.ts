import { type Queryable, statement } from "@echo/db";
import type { LoggedEvent } from "../event-log.ts";

/** The lanes of `@echo/platform`'s queue: by the last digit of the stream. */
const lane = `('x' || right(stream_id::text, 1))::bit(4)::int % 8`;

const columns = `(SELECT epoch FROM messages.log_head) AS epoch, position, stream_id AS "streamId", event_seq AS "eventSeq",
   audience_user_id AS "audienceUserId", type, actor_id AS "actorId", ref_id AS "refId", data,
   created_at AS "createdAt", logged_at AS "loggedAt"`;

const inLane = statement<LoggedEvent>(
  "event_log_read_lane",
  `SELECT ${columns} FROM messages.event_log WHERE position > $1 AND position <= $2 AND type = ANY ($4) AND ${lane} = $5
   ORDER BY position LIMIT $3`,
);

interface LaneRange {
  from: number;
  to: number;
  limit: number;
  types: readonly string[];
  lane: number;
}

/** from < position <= to, of these types, in one lane. */
export function listInLane(db: Queryable, { from, to, limit, types, lane }: LaneRange): Promise<LoggedEvent[]> {
  return db.query(inLane, [from, to, limit, types, lane]);
}

/** A lag is worth no scan of the whole log. */
const maxCounted = 10_000;

interface Waiting {
  events: number;
  first: number | null;
  oldestAt: Date | null;
}

const waiting = statement<Waiting>(
  "event_log_count_waiting",
  `SELECT coalesce(sum(waiting.events), 0)::integer AS events, min(waiting.first) AS first, min(waiting.oldest_at) AS "oldestAt"
   FROM unnest($2::int8[]) WITH ORDINALITY AS reached(position, n) CROSS JOIN LATERAL (
     SELECT count(*) AS events, min(position) AS first, min(logged_at) AS oldest_at FROM (
       SELECT position, logged_at FROM messages.event_log WHERE position > reached.position AND ${lane} = reached.n - 1 AND type = ANY ($1)
       ORDER BY position LIMIT ${maxCounted}) AS first) AS waiting`,
);

/** Events of these types beyond where each lane is; of each lane at most 10,000. */
export async function countWaiting(
  db: Queryable,
  types: readonly string[],
  positions: readonly number[],
): Promise<Waiting> {
  const [row] = await db.query(waiting, [types, positions]);
  return row ?? { events: 0, first: null, oldestAt: null };
}

const before = statement<{ position: number }>(
  "event_log_position_before",
  `SELECT coalesce((SELECT position FROM messages.event_log WHERE logged_at < $1 ORDER BY position DESC LIMIT 1),
     (SELECT floor FROM messages.log_head)) AS position`,
);

/** Of the last event that was logged before; the floor when there is none. */
export async function findPositionBefore(db: Queryable, time: Date): Promise<number> {
  const [row] = await db.query(before, [time]);
  return row?.position ?? 0;
}

const epochs = statement<{ epoch: string; position: number }>(
  "event_log_epochs",
  "SELECT epoch, first_position AS position FROM messages.log_epochs ORDER BY created_at, first_position",
);

/** Each with the position that it began after; the oldest first. */
export const listEpochs = (db: Queryable): Promise<{ epoch: string; position: number }[]> => db.query(epochs);

const head = statement<{ epoch: string; position: number; floor: number }>(
  "event_log_head",
  "SELECT epoch, position, floor FROM messages.log_head",
);

/** As a transaction sees it; not judged whether it is of this very database. */
export async function getHead(db: Queryable): Promise<{ epoch: string; position: number; floor: number }> {
  const [row] = await db.query(head);
  if (row) return row;
  throw new Error("messages.log_head is empty: the migrations of this database were not applied");
}
