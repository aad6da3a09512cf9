/** What a send writes, as one statement: conversation, message and event, under the conversation's lock. */
export const sendMessageSql = `SELECT status, message_id, seq, event_seq, created_at
  FROM messages.send_message($1, $2, $3, $4, $5, 'text', $6, NULL, NULL, '[]', '{}', '{}')`;

interface BareMessage {
  conversationId: string;
  userId: string;
  clientMessageId: string;
  messageId: string;
  text: string;
}

const requestHash = Buffer.alloc(32, 1);

export const sendMessageValues = (message: BareMessage): unknown[] => [
  message.conversationId,
  message.userId,
  message.clientMessageId,
  requestHash,
  message.messageId,
  JSON.stringify({ text: message.text }),
];
