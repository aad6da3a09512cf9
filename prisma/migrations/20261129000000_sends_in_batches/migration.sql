-- Several sends of one process in one statement: one round trip and one commit for all of them. A batch of one conversation
-- waits for its lock as a single send does. One of several never waits for a conversation: what somebody else holds is
-- answered BUSY and left to its own batch, so that no sender waits for another one's conversation, and no two batches for
-- each other.
CREATE FUNCTION messages.send_messages(
  p_conversations uuid[], p_senders uuid[], p_client_message_ids text[], p_request_hashes bytea[], p_ids uuid[], p_types text[], p_contents jsonb[],
  p_reply_tos uuid[], p_thread_roots uuid[], p_mentions jsonb[], p_mentioned text[], p_metadata jsonb[]
) RETURNS TABLE (ordinal integer, status text, message_id uuid, seq integer, event_seq bigint, created_at timestamptz) LANGUAGE plpgsql AS $f$
DECLARE
  waits constant boolean := p_conversations[1] = ALL (p_conversations);
  message record;
  looked_at uuid;
  is_held boolean := false;
BEGIN
  FOR message IN
    SELECT i.* FROM unnest(p_conversations, p_senders, p_client_message_ids, p_request_hashes, p_ids, p_types, p_contents, p_reply_tos, p_thread_roots, p_mentions, p_mentioned, p_metadata)
      WITH ORDINALITY AS i(conversation_id, sender_id, client_message_id, request_hash, id, type, content, reply_to, thread_root, mentions, mentioned, metadata, n)
    ORDER BY i.conversation_id, i.n
  LOOP
    IF NOT waits AND looked_at IS DISTINCT FROM message.conversation_id THEN
      looked_at := message.conversation_id;
      PERFORM FROM messages.conversations c WHERE c.id = looked_at FOR NO KEY UPDATE SKIP LOCKED;
      is_held := NOT FOUND AND EXISTS (SELECT FROM messages.conversations c WHERE c.id = looked_at);
    END IF;
    IF is_held THEN
      SELECT message.n, 'BUSY', NULL, NULL, NULL, NULL INTO ordinal, status, message_id, seq, event_seq, created_at;
    ELSE
      SELECT message.n, s.* INTO ordinal, status, message_id, seq, event_seq, created_at
        FROM messages.send_message(message.conversation_id, message.sender_id, message.client_message_id, message.request_hash, message.id, message.type, message.content,
          message.reply_to, message.thread_root, message.mentions, message.mentioned::uuid[], message.metadata) s;
    END IF;
    RETURN NEXT;
  END LOOP;
END $f$;
