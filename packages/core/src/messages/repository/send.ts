import type { Mention, MessageContent, MessageType, Metadata } from "@echo/contracts";
import { type Queryable, statement } from "@echo/db";

/** A message on its way in; `mentionedUserIds` are the people among its mentions, each once. */
export interface NewMessage {
  id: string;
  conversationId: string;
  senderId: string;
  clientMessageId: string;
  requestHash: Buffer;
  type: MessageType;
  content: MessageContent;
  replyToId: string | null;
  threadRootId: string | null;
  mentions: Mention[];
  mentionedUserIds: readonly string[];
  metadata: Metadata;
}

export type SendRefusal =
  | "NOT_FOUND"
  | "NOT_A_MEMBER"
  | "READ_ONLY"
  | "CONFLICT"
  | "REPLY_NOT_FOUND"
  | "THREAD_NOT_FOUND"
  | "MENTION_NOT_MEMBER";

/** Where a message was written. */
export interface Sent {
  status: "OK";
  messageId: string;
  seq: number;
  eventSeq: number;
  createdAt: Date;
}

/** What became of it: written, written by an earlier call with the same key and body, or refused. */
export type SendResult = Sent | { status: "REPLAY"; messageId: string } | { status: SendRefusal };

const send = statement<SendResult>(
  "messages_send",
  `SELECT status, message_id AS "messageId", seq, event_seq AS "eventSeq", created_at AS "createdAt"
   FROM messages.send_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);

/** The whole send in one call: lock, look, write. */
export async function insertMessage(db: Queryable, message: NewMessage): Promise<SendResult> {
  const { conversationId, senderId, clientMessageId, requestHash, id, type, content } = message;
  const [result] = await db.query(send, [
    conversationId,
    senderId,
    clientMessageId,
    requestHash,
    id,
    type,
    JSON.stringify(content),
    message.replyToId,
    message.threadRootId,
    JSON.stringify(message.mentions),
    message.mentionedUserIds,
    JSON.stringify(message.metadata),
  ]);
  if (!result) throw new Error("send_message answers one row");
  return result;
}
