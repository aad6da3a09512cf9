import { excerptOf, type Message } from "@echo/contracts";
import type { MessageRow, QuoteRow } from "./repository/message-row.ts";

/** What a reader gets of a row. */
export function toMessage(row: MessageRow): Message {
  const { eventSeq: _, quote, createdAt, editedAt, deletedAt, ...rest } = row;
  const message = {
    ...rest,
    replyTo: quote && toQuote(quote),
    reactions: [],
    createdAt: createdAt.toISOString(),
    editedAt: editedAt?.toISOString() ?? null,
    deletedAt: deletedAt?.toISOString() ?? null,
  };
  return message as Message; // type and content were validated as a pair when they were written
}

function toQuote({ messageId, seq, senderId, type, content }: QuoteRow): Message["replyTo"] {
  const excerpt = excerptOf(type, content);
  return { messageId, seq, senderId, type, excerpt };
}
