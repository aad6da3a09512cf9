import type { ConversationType, HistoryVisibility } from "@echo/contracts";
import { type Queryable, statement } from "@echo/db";
import type { LoggedEvent } from "../event-log/index.ts";

/** What a hub knows of a conversation. */
export interface ConversationFacts {
  conversationId: string;
  type: ConversationType;
  historyVisibility: HistoryVisibility;
  memberCount: number;
}

const facts = statement<ConversationFacts>(
  "sync_list_conversation_facts",
  `SELECT id AS "conversationId", type, history_visibility AS "historyVisibility", member_count AS "memberCount"
   FROM messages.conversations WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL`,
);

export function listConversationFacts(db: Queryable, conversationIds: readonly string[]): Promise<ConversationFacts[]> {
  return db.query(facts, [conversationIds]);
}

/** Positions after `after` up to and with `upTo`, at most `limit` events. */
export interface MissedRange {
  after: number;
  upTo: number;
  limit: number;
}

/** One person's range. */
export interface AskedRange extends MissedRange {
  userId: string;
}

/** SQL: the streams of a user with what of them is his; his own is his as a whole. */
const streams = (
  user: string,
): string => `(SELECT ${user} AS stream_id, int8multirange(int8range(NULL, NULL)) AS spans, 'all' AS visibility
   UNION ALL
   SELECT p.conversation_id, p.spans, c.history_visibility
   FROM messages.conversation_participants p JOIN messages.conversations c ON c.id = p.conversation_id
   WHERE p.user_id = ${user} AND c.deleted_at IS NULL)`;

/**
 * SQL: of the event `l` of a stream `s`, whether it is for a user. An event about a message is only for who may see
 * that message, whose own event_seq rides in its data. isFor says the same in TypeScript; a test holds them together.
 */
const isForUser = (user: string, types: string): string =>
  `l.event_seq <@ s.spans AND (l.audience_user_id IS NULL OR l.audience_user_id = ${user}) AND l.type = ANY (${types}::text[])
   AND (l.type = 'message.created' OR l.type NOT LIKE 'message.%' OR (l.data->>'eventSeq')::int8 <@ s.spans
     OR (s.visibility = 'all' AND (upper_inf(s.spans) OR (l.data->>'eventSeq')::int8 < upper(s.spans))))`;

/**
 * SQL: the positions in a user's range. Each stream is walked along the index on (stream_id, position), so a person who
 * missed little costs little, however much the others wrote.
 */
const missedBy = (ask: { user: string; after: string; upTo: string; limit: string; types: string }): string =>
  `SELECT e.position FROM ${streams(ask.user)} s CROSS JOIN LATERAL (
     SELECT l.position FROM messages.event_log l
     WHERE l.stream_id = s.stream_id AND l.position > ${ask.after} AND l.position <= ${ask.upTo} AND ${isForUser(ask.user, ask.types)}
     ORDER BY l.position LIMIT ${ask.limit}) e
   ORDER BY e.position LIMIT ${ask.limit}`;

const asked = { user: "a.user_id", after: "a.after", upTo: "a.up_to", limit: "a.events", types: "$5" };

// An event that many missed comes once. It is looked up by position whatever the planner thinks of how many there are.
const missed = statement<LoggedEvent & { askedBy: number[] }>(
  "sync_list_missed",
  `SELECT (SELECT epoch FROM messages.log_head) AS epoch, h."askedBy", e.*
   FROM (
     SELECT m.position, array_agg(a.nth) AS "askedBy"
     FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::int8[]) WITH ORDINALITY AS a(user_id, after, up_to, events, nth)
     CROSS JOIN LATERAL (${missedBy(asked)}) m
     GROUP BY m.position
   ) h CROSS JOIN LATERAL (
     SELECT l.position, l.stream_id AS "streamId", l.event_seq AS "eventSeq",
       l.audience_user_id AS "audienceUserId", l.type, l.actor_id AS "actorId", l.ref_id AS "refId", l.data,
       l.created_at AS "createdAt", l.logged_at AS "loggedAt"
     FROM messages.event_log l WHERE l.position = h.position LIMIT 1) e
   ORDER BY h.position`,
);

/**
 * For each of these ranges, which of its events that person may receive, in order; `types`: those that clients get. What
 * several may receive is the same object.
 */
export async function listMissed(
  db: Queryable,
  ranges: readonly AskedRange[],
  types: readonly string[],
): Promise<LoggedEvent[][]> {
  const rows = await db.query(missed, [
    ranges.map(({ userId }) => userId),
    ranges.map(({ after }) => after),
    ranges.map(({ upTo }) => upTo),
    ranges.map(({ limit }) => limit),
    types,
  ]);
  const found = ranges.map((): LoggedEvent[] => []);
  for (const { askedBy, ...event } of rows) for (const nth of askedBy) found[nth - 1]?.push(event);
  return found;
}

const count = statement<{ events: number }>(
  "sync_count_missed",
  `SELECT count(*) AS events FROM (${missedBy({ user: "$1::uuid", after: "$2", upTo: "$3", limit: "$4", types: "$5" })}) m`,
);

/** Counts them, to `limit`. */
export async function countMissedRows(
  db: Queryable,
  { userId, after, upTo, limit }: AskedRange,
  types: readonly string[],
): Promise<number> {
  const [row] = await db.query(count, [userId, after, upTo, limit, types]);
  return row?.events ?? 0;
}

/** A reader whose watermarks moved, and when they last did. */
export interface MovedRow {
  conversationId: string;
  userId: string;
  lastDeliveredSeq: number;
  lastReadSeq: number;
  movedAt: Date;
}

const moved = statement<MovedRow & { look: number }>(
  "sync_list_moved",
  `WITH since AS (
     SELECT at.position, coalesce((SELECT logged_at FROM messages.event_log l WHERE l.position <= at.position ORDER BY l.position DESC LIMIT 1)
       - make_interval(secs => $3), '-infinity') AS at
     FROM (SELECT DISTINCT unnest($2::int8[]) AS position) at
   )
   SELECT looks.look, p.conversation_id AS "conversationId", p.user_id AS "userId", p.last_delivered_seq AS "lastDeliveredSeq",
     p.last_read_seq AS "lastReadSeq", moved.at AS "movedAt"
   FROM unnest($1::uuid[], $2::int8[]) WITH ORDINALITY AS looks(id, position, look) JOIN since USING (position)
   CROSS JOIN LATERAL (
     SELECT s.user_id, max(s.at) AS at FROM messages.delivery_status s
     WHERE s.conversation_id = looks.id AND s.at > since.at GROUP BY s.user_id) moved
   JOIN messages.conversation_participants p ON p.conversation_id = looks.id AND p.user_id = moved.user_id AND p.left_at IS NULL
   ORDER BY moved.at, p.conversation_id, p.user_id`,
);

/**
 * For each look, counted from 1: the members of its conversation whose watermarks moved later than `marginSeconds` before
 * the event at its position.
 */
export function listMoved(
  db: Queryable,
  looks: readonly { conversationId: string; position: number }[],
  { marginSeconds }: { marginSeconds: number },
): Promise<(MovedRow & { look: number })[]> {
  const ids = looks.map(({ conversationId }) => conversationId);
  const positions = looks.map(({ position }) => position);
  return db.query(moved, [ids, positions, marginSeconds]);
}
