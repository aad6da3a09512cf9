import type { ConversationType, HistoryVisibility, Role } from "@echo/contracts";
import { type Queryable, statement, type Tx } from "@echo/db";
import type { Place } from "../page-cursor.ts";
import {
  type LockedConversation,
  type Membership,
  type Participant,
  parseSpans,
  type SeenConversation,
} from "./membership.ts";

/**
 * SQL: may the participant `me` of the conversation `c` read the message `m`? Spans decide delivery; `all` opens
 * everything before them too, up to the end of the last one.
 */
export const isVisible = (m: string): string =>
  `(${m}.event_seq <@ me.spans OR (c.history_visibility = 'all' AND (upper_inf(me.spans) OR ${m}.event_seq < upper(me.spans))))`;

const lock = statement<LockedConversation>(
  "membership_lock_conversation",
  `SELECT id, type, member_count AS "memberCount", last_seq AS "lastSeq"
   FROM messages.conversations WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
);

/** Takes the lock of the conversation; null when there is none. */
export async function lockConversation(tx: Tx, conversationId: string): Promise<LockedConversation | null> {
  const [row] = await tx.query(lock, [conversationId]);
  return row ?? null;
}

const seen = statement<Omit<SeenConversation, "spans"> & { spans: string }>(
  "membership_find_seen",
  `SELECT c.id AS "conversationId", c.type, c.history_visibility AS "historyVisibility", c.member_count AS "memberCount",
     c.last_seq AS "lastSeq", me.user_id AS "userId", me.role, me.spans, me.joined_seq AS "joinedSeq", me.left_at AS "leftAt"
   FROM messages.conversation_participants me JOIN messages.conversations c ON c.id = me.conversation_id
   WHERE me.conversation_id = $1 AND me.user_id = $2 AND c.deleted_at IS NULL`,
);

export async function findSeen(
  db: Queryable,
  conversationId: string,
  userId: string,
): Promise<SeenConversation | null> {
  const [row] = await db.query(seen, [conversationId, userId]);
  return row ? { ...row, spans: parseSpans(row.spans) } : null;
}

const memberships = statement<{
  userId: string;
  conversationId: string;
  spans: string;
  historyVisibility: HistoryVisibility;
  type: ConversationType;
  memberCount: number;
}>(
  "membership_find_memberships",
  `SELECT me.user_id AS "userId", c.id AS "conversationId", me.spans, c.history_visibility AS "historyVisibility", c.type,
     c.member_count AS "memberCount"
   FROM messages.conversation_participants me JOIN messages.conversations c ON c.id = me.conversation_id
   WHERE me.user_id = ANY ($1::uuid[]) AND c.deleted_at IS NULL`,
);

/** Every conversation that these people are or were in, by person. */
export async function findMemberships(db: Queryable, userIds: readonly string[]): Promise<Map<string, Membership[]>> {
  const rows = await db.query(memberships, [userIds]);
  const found = new Map(userIds.map((userId) => [userId, [] as Membership[]]));
  for (const { userId, spans, ...row } of rows) found.get(userId)?.push({ ...row, spans: parseSpans(spans) });
  return found;
}

const participants = statement<Participant>(
  "membership_lock_participants",
  `SELECT user_id AS "userId", role, joined_at AS "joinedAt", left_at AS "leftAt" FROM messages.conversation_participants
   WHERE conversation_id = $1 AND user_id = ANY ($2::uuid[]) ORDER BY user_id FOR NO KEY UPDATE`,
);

/**
 * Locks the rows of these people, in id order as a mark does; who was never there has none. Roles and spans change
 * under the conversation's lock alone, this one is against marks.
 */
export function lockParticipants(tx: Tx, conversationId: string, userIds: readonly string[]): Promise<Participant[]> {
  return tx.query(participants, [conversationId, userIds]);
}

// A span that begins where the last one ended becomes one with it, and so keeps its joined_seq.
const open = statement<Participant>(
  "membership_open_spans",
  `INSERT INTO messages.conversation_participants AS p
     (conversation_id, user_id, role, spans, joined_seq, joined_at, last_delivered_seq, last_read_seq)
   SELECT $1, i.user_id, i.role, int8multirange(int8range(i.span_from, NULL)), $5, clock_timestamp(), $5, $5
   FROM unnest($2::uuid[], $3::text[], $4::int8[]) AS i(user_id, role, span_from) ORDER BY i.user_id
   ON CONFLICT (conversation_id, user_id) DO UPDATE SET role = excluded.role, spans = p.spans + excluded.spans,
     joined_seq = CASE WHEN p.spans -|- excluded.spans THEN p.joined_seq ELSE excluded.joined_seq END, joined_at = excluded.joined_at, left_at = NULL,
     last_delivered_seq = excluded.last_delivered_seq, last_read_seq = excluded.last_read_seq
   RETURNING user_id AS "userId", role, joined_at AS "joinedAt", left_at AS "leftAt"`,
);

export interface Joiner {
  userId: string;
  role: Role;
  /** event_seq of the event that lets them in. */
  spanFrom: number;
}

/** Makes these people members from their join events on; both marks start at lastSeq. */
export function openSpans(
  tx: Tx,
  conversation: { id: string; lastSeq: number },
  joiners: readonly Joiner[],
): Promise<Participant[]> {
  return tx.query(open, [
    conversation.id,
    joiners.map((joiner) => joiner.userId),
    joiners.map((joiner) => joiner.role),
    joiners.map((joiner) => joiner.spanFrom),
    conversation.lastSeq,
  ]);
}

const close = statement<never>(
  "membership_close_span",
  `UPDATE messages.conversation_participants SET spans = spans * int8multirange(int8range(NULL, $3::int8 + 1)),
     left_at = clock_timestamp(), role = 'member'
   WHERE conversation_id = $1 AND user_id = $2 AND left_at IS NULL`,
);

/** Ends the membership with this event, which is the last one they receive. */
export async function closeSpan(
  tx: Tx,
  conversationId: string,
  departure: { userId: string; lastEventSeq: number },
): Promise<void> {
  await tx.query(close, [conversationId, departure.userId, departure.lastEventSeq]);
}

const heir = statement<{ userId: string }>(
  "membership_find_heir",
  `SELECT user_id AS "userId" FROM messages.conversation_participants
   WHERE conversation_id = $1 AND user_id <> $2 AND left_at IS NULL ORDER BY role <> 'admin', joined_at, user_id LIMIT 1`,
);

/** Who owns the conversation when this owner is gone: the longest-standing admin, else member. */
export async function findHeir(tx: Tx, conversationId: string, ownerId: string): Promise<string | null> {
  const [row] = await tx.query(heir, [conversationId, ownerId]);
  return row?.userId ?? null;
}

const role = statement<never>(
  "membership_update_role",
  "UPDATE messages.conversation_participants SET role = $3 WHERE conversation_id = $1 AND user_id = $2",
);

export async function updateRole(
  tx: Tx,
  conversationId: string,
  member: { userId: string; role: Role },
): Promise<void> {
  await tx.query(role, [conversationId, member.userId, member.role]);
}

const advance = statement<{ eventSeq: number }>(
  "membership_advance_event_seq",
  `UPDATE messages.conversations SET event_seq = event_seq + $2::int, member_count = member_count + $3::int
   WHERE id = $1 RETURNING event_seq AS "eventSeq"`,
);

/** Takes the next `events` numbers of the conversation's stream and answers the first; `members` changes the count. */
export async function advanceEventSeq(
  tx: Tx,
  conversationId: string,
  by: { events: number; members: number },
): Promise<number> {
  const [row] = await tx.query(advance, [conversationId, by.events, by.members]);
  if (!row) throw new Error("advanceEventSeq wants a locked conversation");
  return row.eventSeq - by.events + 1;
}

const members = statement<Participant>(
  "membership_list_members",
  `SELECT user_id AS "userId", role, joined_at AS "joinedAt", left_at AS "leftAt" FROM messages.conversation_participants
   WHERE conversation_id = $1 AND left_at IS NULL AND ($2::timestamptz IS NULL OR (joined_at, user_id) > ($2, $3::uuid))
   ORDER BY joined_at, user_id LIMIT $4`,
);

// A former member sees who else was there when his last event happened, never who came later.
const membersAsOf = statement<Participant>(
  "membership_list_members_as_of",
  `SELECT user_id AS "userId", role, joined_at AS "joinedAt", left_at AS "leftAt" FROM messages.conversation_participants
   WHERE conversation_id = $1 AND spans @> $5::int8 AND user_id <> $6::uuid
     AND ($2::timestamptz IS NULL OR (joined_at, user_id) > ($2, $3::uuid))
   ORDER BY joined_at, user_id LIMIT $4`,
);

/** The next `limit` members in the order of their joining, as `viewer` may see them. */
export function listMembers(
  db: Queryable,
  viewer: { conversationId: string; userId: string; lastEventSeq: number | null },
  page: { after: Place | null; limit: number },
): Promise<Participant[]> {
  const values = [viewer.conversationId, page.after?.at ?? null, page.after?.id ?? null, page.limit];
  return viewer.lastEventSeq === null
    ? db.query(members, values)
    : db.query(membersAsOf, [...values, viewer.lastEventSeq, viewer.userId]);
}
