import { type Queryable, statement } from "@echo/db";

/** When one recipient's devices acknowledged a message; null: not yet. */
export interface RecipientRow {
  userId: string;
  deliveredAt: Date | null;
  readAt: Date | null;
}

// Reading implies delivery, so the first acknowledgement is the earlier of the two.
const recipients = statement<RecipientRow>(
  "messages_list_recipients",
  `SELECT p.user_id AS "userId", least(delivered.at, read.at) AS "deliveredAt", read.at AS "readAt"
   FROM messages.messages m JOIN messages.conversation_participants p ON p.conversation_id = m.conversation_id
   LEFT JOIN LATERAL (SELECT d.at FROM messages.delivery_status d WHERE d.conversation_id = m.conversation_id
     AND d.user_id = p.user_id AND d.status = 'delivered' AND d.to_seq >= m.seq ORDER BY d.to_seq LIMIT 1) delivered ON true
   LEFT JOIN LATERAL (SELECT d.at FROM messages.delivery_status d WHERE d.conversation_id = m.conversation_id
     AND d.user_id = p.user_id AND d.status = 'read' AND d.to_seq >= m.seq ORDER BY d.to_seq LIMIT 1) read ON true
   WHERE m.id = $1 AND p.spans @> m.event_seq AND p.user_id IS DISTINCT FROM m.sender_id ORDER BY p.user_id`,
);

/** Everyone to whom the message was delivered by the rule of spans, but its sender; who left since is among them. */
export function listRecipients(db: Queryable, messageId: string): Promise<RecipientRow[]> {
  return db.query(recipients, [messageId]);
}
