import { excerptOf, type Message } from "@echo/contracts";
import type { MessageRow, QuoteRow } from "./repository/message-row.ts";

/** What a reader gets of a row. Written out: copying the rest of an object costs a send ten times as much. */
export function toMessage(row: MessageRow): Message {
  const message = {
    id: row.id,
    conversationId: row.conversationId,
    seq: row.seq,
    clientMessageId: row.clientMessageId,
    senderId: row.senderId,
    type: row.type,
    content: row.content,
    replyTo: row.quote && toQuote(row.quote),
    threadRootId: row.threadRootId,
    threadCount: row.threadCount,
    mentions: row.mentions,
    reactions: [],
    metadata: row.metadata,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    editedAt: row.editedAt?.toISOString() ?? null,
    deletedAt: row.deletedAt?.toISOString() ?? null,
  };
  return message as Message; // type and content were validated as a pair when they were written
}

function toQuote({ messageId, seq, senderId, type, content }: QuoteRow): Message["replyTo"] {
  return { messageId, seq, senderId, type, excerpt: excerptOf(type, content) };
}
