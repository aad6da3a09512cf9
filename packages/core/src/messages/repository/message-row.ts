import type { Mention, MessageContent, MessageType, Metadata } from "@echo/contracts";

/** A message as its table has it, with what it quotes as far as the reader may see that. */
export interface MessageRow {
  id: string;
  conversationId: string;
  seq: number;
  eventSeq: number;
  clientMessageId: string | null;
  senderId: string | null;
  type: MessageType;
  content: MessageContent | null;
  threadRootId: string | null;
  threadCount: number;
  mentions: Mention[];
  metadata: Metadata;
  version: number;
  createdAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
  quote: QuoteRow | null;
}

export interface QuoteRow {
  messageId: string;
  seq: number;
  eventSeq: number;
  senderId: string | null;
  type: MessageType;
  content: MessageContent | null;
}

/** SQL: the columns of a MessageRow from message `m`, whose quoted message is `q` when `mayQuote` holds. */
export const messageColumns = (mayQuote: string): string => `
  m.id, m.conversation_id AS "conversationId", m.seq, m.event_seq AS "eventSeq", m.client_message_id AS "clientMessageId",
  m.sender_id AS "senderId", m.type, m.content, m.thread_root_id AS "threadRootId", m.thread_count AS "threadCount",
  m.mentions, m.metadata, m.version, m.created_at AS "createdAt", m.edited_at AS "editedAt", m.deleted_at AS "deletedAt",
  CASE WHEN q.id IS NOT NULL AND ${mayQuote} THEN jsonb_build_object('messageId', q.id, 'seq', q.seq,
    'eventSeq', q.event_seq, 'senderId', q.sender_id, 'type', q.type, 'content', q.content) END AS quote`;
