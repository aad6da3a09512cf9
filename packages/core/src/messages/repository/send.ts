import type { Mention, MessageContent, MessageType, Metadata } from "@echo/contracts";
import { isDbError, type Queryable, statement } from "@echo/db";

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

const answered = `status, message_id AS "messageId", seq, event_seq AS "eventSeq", created_at AS "createdAt"`;

const send = statement<SendResult>(
  "messages_send",
  `SELECT ${answered} FROM messages.send_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);

/** The whole send in one call: lock, look, write. */
export async function insertMessage(db: Queryable, message: NewMessage): Promise<SendResult> {
  const [result] = await db.query(send, [...valuesOf(message), message.mentionedUserIds, metadataOf(message)]);
  if (!result) throw new Error("send_message answers one row");
  return result;
}

export type BatchResult = SendResult | { status: "BUSY" };

const sendMany = statement<BatchResult & { ordinal: number }>(
  "messages_send_many",
  `SELECT ordinal, ${answered} FROM messages.send_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);

/**
 * Several sends in one call and one transaction, in their order within a conversation; the answers are in theirs. BUSY:
 * somebody else holds its conversation, and it was not sent; messages of one conversation wait for it instead. Null: none
 * was sent, because the database takes one of them not, or not together with the others.
 */
export async function insertMessages(db: Queryable, messages: readonly NewMessage[]): Promise<BatchResult[] | null> {
  const rows = messages.map((message) => [
    ...valuesOf(message),
    `{${message.mentionedUserIds.join(",")}}`,
    metadataOf(message),
  ]);
  const columns = rows[0]?.map((_, column) => rows.map((row) => row[column])) ?? [];
  try {
    const results: BatchResult[] = [];
    for (const { ordinal, ...result } of await db.query(sendMany, columns)) results[ordinal - 1] = result;
    return results;
  } catch (error) {
    // What they have in common fails each.
    if (isDbError(error, "unavailable") || isDbError(error, "lockTimeout")) throw error;
    return null;
  }
}

const metadataOf = ({ metadata }: NewMessage): string => JSON.stringify(metadata);

const valuesOf = (message: NewMessage): unknown[] => [
  message.conversationId,
  message.senderId,
  message.clientMessageId,
  message.requestHash,
  message.id,
  message.type,
  JSON.stringify(message.content),
  message.replyToId,
  message.threadRootId,
  JSON.stringify(message.mentions),
];
