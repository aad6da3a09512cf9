import type { ConversationType, HistoryVisibility, Metadata, Notify } from "@echo/contracts";
import { type Queryable, statement, type Tx } from "@echo/db";
import { isVisible, parseSpans, type SeenConversation } from "../membership/index.ts";
import type { Place } from "../page-cursor.ts";

/** A conversation with the caller's own row in it. */
export interface ConversationRow extends SeenConversation {
  title: string | null;
  avatarUrl: string | null;
  metadata: Metadata;
  directKey: string | null;
  createdAt: Date;
  lastActivityAt: Date;
  lastReadSeq: number;
  lastDeliveredSeq: number;
  mutedUntil: Date | null;
  archived: boolean;
  pinned: boolean;
  notify: Notify;
}

type RawRow = Omit<ConversationRow, "spans"> & { spans: string };
const parse = (row: RawRow): ConversationRow => ({ ...row, spans: parseSpans(row.spans) });

const columns = `c.id AS "conversationId", c.type, c.history_visibility AS "historyVisibility", c.member_count AS "memberCount",
  c.last_seq AS "lastSeq", c.title, c.avatar_url AS "avatarUrl", c.metadata, c.direct_key AS "directKey",
  c.created_at AS "createdAt", c.last_activity_at AS "lastActivityAt", me.user_id AS "userId", me.role, me.spans,
  me.joined_seq AS "joinedSeq", me.left_at AS "leftAt", me.last_read_seq AS "lastReadSeq",
  me.last_delivered_seq AS "lastDeliveredSeq", me.muted_until AS "mutedUntil", me.archived, me.pinned, me.notify
  FROM messages.conversation_participants me JOIN messages.conversations c ON c.id = me.conversation_id`;

const one = statement<RawRow>(
  "conversations_find",
  `SELECT ${columns} WHERE me.conversation_id = $1 AND me.user_id = $2 AND c.deleted_at IS NULL`,
);

/** The conversation as this person, a member or a former one, has it. */
export async function findConversation(
  db: Queryable,
  conversationId: string,
  userId: string,
): Promise<ConversationRow | null> {
  const [row] = await db.query(one, [conversationId, userId]);
  return row ? parse(row) : null;
}

const page = statement<RawRow>(
  "conversations_list",
  `SELECT ${columns} WHERE me.user_id = $1 AND me.left_at IS NULL AND c.deleted_at IS NULL
     AND ($2::timestamptz IS NULL OR (c.last_activity_at, c.id) < ($2, $3::uuid))
   ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $4`,
);

/** The next `limit` conversations of a member, last activity first. */
export async function listConversationRows(
  db: Queryable,
  userId: string,
  { after, limit }: { after: Place | null; limit: number },
): Promise<ConversationRow[]> {
  const rows = await db.query(page, [userId, after?.at ?? null, after?.id ?? null, limit]);
  return rows.map(parse);
}

/** How much a person has not read: messages, and those that mention them. */
export interface UnreadRow {
  conversationId: string;
  unread: number;
  unreadMentions: number;
}

const notMine = `m.conversation_id = me.conversation_id AND m.seq > greatest(me.last_read_seq, i.last_seq - 1000)
  AND m.seq <= i.last_seq AND m.deleted_at IS NULL AND m.sender_id IS DISTINCT FROM me.user_id AND ${isVisible("m")}`;

const unread = statement<UnreadRow>(
  "conversations_count_unread",
  `SELECT me.conversation_id AS "conversationId", unread.n AS unread, mentions.n AS "unreadMentions"
   FROM unnest($2::uuid[], $3::int[]) AS i(conversation_id, last_seq)
   JOIN messages.conversation_participants me ON me.conversation_id = i.conversation_id AND me.user_id = $1
   JOIN messages.conversations c ON c.id = me.conversation_id
   CROSS JOIN LATERAL (SELECT count(*)::int AS n FROM (SELECT FROM messages.messages m WHERE ${notMine} LIMIT 100) m) unread
   CROSS JOIN LATERAL (SELECT count(*)::int AS n FROM (SELECT FROM messages.messages m WHERE unread.n > 0 AND ${notMine}
     AND m.mentions <> '[]' AND (m.mentions @> '[{"userId": "all"}]'
       OR m.mentions @> jsonb_build_array(jsonb_build_object('userId', me.user_id))) LIMIT 100) m) mentions`,
);

/**
 * Unread is a function, never a counter: visible, not mine, not deleted, above the read mark; counted to 100 over the
 * newest 1,000 messages up to the last one that this person may see.
 */
export function countUnread(
  db: Queryable,
  userId: string,
  places: readonly { conversationId: string; lastSeq: number }[],
): Promise<UnreadRow[]> {
  return db.query(unread, [userId, places.map((place) => place.conversationId), places.map((place) => place.lastSeq)]);
}

export interface NewConversation {
  id: string;
  type: ConversationType;
  title: string | null;
  historyVisibility: HistoryVisibility;
  directKey: string | null;
  createdById: string;
  memberCount: number;
  metadata: Metadata;
}

const insert = statement<{ id: string }>(
  "conversations_insert",
  `INSERT INTO messages.conversations (id, type, title, history_visibility, direct_key, created_by_id, member_count, metadata, event_seq)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) ON CONFLICT (direct_key) DO NOTHING RETURNING id`,
);

/** Inserts it with event_seq 1 taken; false when the pair has its conversation already (after waiting for whoever makes it). */
export async function insertConversation(tx: Tx, row: NewConversation): Promise<boolean> {
  const { id, type, title, historyVisibility, directKey, createdById, memberCount, metadata } = row;
  const values = [id, type, title, historyVisibility, directKey, createdById, memberCount, JSON.stringify(metadata)];
  const inserted = await tx.query(insert, values);
  return inserted.length === 1;
}

const direct = statement<{ id: string }>(
  "conversations_find_direct",
  "SELECT id FROM messages.conversations WHERE direct_key = $1",
);

export async function findDirect(db: Queryable, directKey: string): Promise<string | null> {
  const [row] = await db.query(direct, [directKey]);
  return row?.id ?? null;
}
