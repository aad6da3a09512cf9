import { type Queryable, statement } from "@echo/db";
import { isVisible } from "../../membership/index.ts";
import { type MessageRow, messageColumns } from "./message-row.ts";

const visible = statement<MessageRow>(
  "messages_find_visible",
  `SELECT ${messageColumns(isVisible("q"))}
   FROM messages.messages m JOIN messages.conversations c ON c.id = m.conversation_id AND c.deleted_at IS NULL
   JOIN messages.conversation_participants me ON me.conversation_id = m.conversation_id AND me.user_id = $2
   LEFT JOIN messages.messages q ON q.id = m.reply_to_id
   WHERE m.id = $1 AND ${isVisible("m")}`,
);

/** The message when this person may read it. */
export async function findVisibleMessage(db: Queryable, messageId: string, userId: string): Promise<MessageRow | null> {
  const [row] = await db.query(visible, [messageId, userId]);
  return row ?? null;
}

const byIds = statement<MessageRow>(
  "messages_list_by_ids",
  `SELECT ${messageColumns("true")} FROM messages.messages m LEFT JOIN messages.messages q ON q.id = m.reply_to_id
   WHERE m.id = ANY ($1::uuid[])`,
);

/** These messages for everybody: who may see them, and what they quote, is judged by whoever asks. */
export function listMessagesByIds(db: Queryable, messageIds: readonly string[]): Promise<MessageRow[]> {
  return db.query(byIds, [messageIds]);
}

const bySeqs = statement<MessageRow>(
  "messages_list_by_seqs",
  `SELECT ${messageColumns(isVisible("q"))}
   FROM unnest($2::uuid[], $3::int[]) AS i(conversation_id, seq)
   JOIN messages.messages m ON m.conversation_id = i.conversation_id AND m.seq = i.seq
   JOIN messages.conversations c ON c.id = m.conversation_id
   JOIN messages.conversation_participants me ON me.conversation_id = m.conversation_id AND me.user_id = $1
   LEFT JOIN messages.messages q ON q.id = m.reply_to_id
   WHERE ${isVisible("m")}`,
);

/** One message of each of these conversations, as far as this person may read it. */
export function listMessagesBySeqs(
  db: Queryable,
  userId: string,
  places: readonly { conversationId: string; seq: number }[],
): Promise<MessageRow[]> {
  return db.query(bySeqs, [userId, places.map((place) => place.conversationId), places.map((place) => place.seq)]);
}
