-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "location";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "analytics";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "notifications";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "media";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "auth";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "messages";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "users";

-- CreateTable
CREATE TABLE "auth"."users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "email_normalized" TEXT NOT NULL,
    "email_verified_at" TIMESTAMPTZ(3),
    "password_hash" TEXT,
    "phone" TEXT,
    "phone_verified_at" TIMESTAMPTZ(3),
    "status" TEXT NOT NULL DEFAULT 'active',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "device" JSONB NOT NULL DEFAULT '{}',
    "ip" INET,
    "place" JSONB,
    "gen" INTEGER NOT NULL DEFAULT 0,
    "family_key" BYTEA NOT NULL,
    "auth_time" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "absolute_expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."refresh_tokens" (
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "gen" INTEGER NOT NULL,
    "first_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."device_tokens" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "session_id" UUID,
    "token_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "device_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."login_history" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "session_id" UUID,
    "result" TEXT NOT NULL,
    "reason" TEXT,
    "risks" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "ip" INET,
    "place" JSONB,
    "isp" TEXT,
    "device" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "login_history_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."security_events" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "ip" INET,
    "place" JSONB,
    "data" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "security_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."signing_keys" (
    "kid" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "private_key" BYTEA NOT NULL,
    "current_at" TIMESTAMPTZ(3),
    "retires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "messages"."conversations" (
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "title" TEXT,
    "avatar_url" TEXT,
    "history_visibility" TEXT NOT NULL DEFAULT 'all',
    "direct_key" TEXT,
    "created_by_id" UUID,
    "member_count" INTEGER NOT NULL DEFAULT 0,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "event_seq" BIGINT NOT NULL DEFAULT 0,
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "messages"."conversation_participants" (
    "conversation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" TEXT NOT NULL DEFAULT 'member',
    "spans" int8multirange NOT NULL,
    "joined_seq" INTEGER NOT NULL DEFAULT 0,
    "joined_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "left_at" TIMESTAMPTZ(3),
    "last_delivered_seq" INTEGER NOT NULL DEFAULT 0,
    "last_read_seq" INTEGER NOT NULL DEFAULT 0,
    "muted_until" TIMESTAMPTZ(3),
    "archived" BOOLEAN NOT NULL DEFAULT false,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "notify" TEXT NOT NULL DEFAULT 'all',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversation_participants_pkey" PRIMARY KEY ("conversation_id","user_id")
);

-- CreateTable
CREATE TABLE "messages"."messages" (
    "id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "event_seq" BIGINT NOT NULL,
    "sender_id" UUID,
    "client_message_id" TEXT,
    "request_hash" BYTEA,
    "type" TEXT NOT NULL,
    "content" JSONB,
    "reply_to_id" UUID,
    "thread_root_id" UUID,
    "thread_count" INTEGER NOT NULL DEFAULT 0,
    "mentions" JSONB NOT NULL DEFAULT '[]',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "edited_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "messages"."delivery_status" (
    "conversation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "to_seq" INTEGER NOT NULL,
    "device_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "delivery_status_pkey" PRIMARY KEY ("conversation_id","user_id","status","to_seq")
);

-- CreateTable
CREATE TABLE "messages"."user_streams" (
    "user_id" UUID NOT NULL,
    "event_seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "user_streams_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "messages"."event_new" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "stream_id" UUID NOT NULL,
    "event_seq" BIGINT NOT NULL,
    "audience_user_id" UUID,
    "type" TEXT NOT NULL,
    "actor_id" UUID,
    "ref_id" UUID,
    "data" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "event_new_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "messages"."event_log" (
    "position" BIGINT NOT NULL,
    "stream_id" UUID NOT NULL,
    "event_seq" BIGINT NOT NULL,
    "audience_user_id" UUID,
    "type" TEXT NOT NULL,
    "actor_id" UUID,
    "ref_id" UUID,
    "data" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "logged_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_log_pkey" PRIMARY KEY ("position")
) PARTITION BY RANGE ("position");

-- CreateTable
CREATE TABLE "messages"."log_head" (
    "one" BOOLEAN NOT NULL DEFAULT true,
    "epoch" TEXT NOT NULL,
    "position" BIGINT NOT NULL DEFAULT 0,
    "floor" BIGINT NOT NULL DEFAULT 0,
    "low_id" BIGINT NOT NULL DEFAULT 0,
    "pending_id" BIGINT,
    "pending_xid" xid8,
    "system_identifier" BIGINT,
    "timeline" INTEGER,
    "database_oid" BIGINT,
    "table_oid" BIGINT,

    CONSTRAINT "log_head_pkey" PRIMARY KEY ("one")
);

-- CreateTable
CREATE TABLE "messages"."log_epochs" (
    "epoch" TEXT NOT NULL,
    "first_position" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "log_epochs_pkey" PRIMARY KEY ("epoch")
);

-- CreateTable
CREATE TABLE "users"."profiles" (
    "user_id" UUID NOT NULL,
    "username" TEXT NOT NULL,
    "display_name" TEXT NOT NULL DEFAULT '',
    "bio" TEXT NOT NULL DEFAULT '',
    "avatar_url" TEXT,
    "status" TEXT NOT NULL DEFAULT '',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "profiles_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "sessions_user_id_created_at_idx" ON "auth"."sessions"("user_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "refresh_tokens_token_hash_key" ON "auth"."refresh_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "refresh_tokens_session_id_gen_key" ON "auth"."refresh_tokens"("session_id", "gen");

-- CreateIndex
CREATE UNIQUE INDEX "device_tokens_token_hash_key" ON "auth"."device_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "device_tokens_user_id_idx" ON "auth"."device_tokens"("user_id");

-- CreateIndex
CREATE INDEX "device_tokens_session_id_idx" ON "auth"."device_tokens"("session_id");

-- CreateIndex
CREATE INDEX "login_history_user_id_created_at_id_idx" ON "auth"."login_history"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "security_events_user_id_created_at_id_idx" ON "auth"."security_events"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "conversations_direct_key_key" ON "messages"."conversations"("direct_key");

-- CreateIndex
CREATE INDEX "conversation_participants_user_id_idx" ON "messages"."conversation_participants"("user_id");

-- CreateIndex
CREATE INDEX "messages_sender_id_idx" ON "messages"."messages"("sender_id");

-- CreateIndex
CREATE UNIQUE INDEX "messages_conversation_id_seq_key" ON "messages"."messages"("conversation_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "messages_conversation_id_sender_id_client_message_id_key" ON "messages"."messages"("conversation_id", "sender_id", "client_message_id");

-- CreateIndex
CREATE INDEX "delivery_status_conversation_id_at_idx" ON "messages"."delivery_status"("conversation_id", "at");

-- CreateIndex
CREATE INDEX "event_log_stream_id_position_idx" ON "messages"."event_log"("stream_id", "position");

-- AddForeignKey
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth"."refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "auth"."sessions"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth"."device_tokens" ADD CONSTRAINT "device_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth"."device_tokens" ADD CONSTRAINT "device_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "auth"."sessions"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth"."login_history" ADD CONSTRAINT "login_history_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth"."security_events" ADD CONSTRAINT "security_events_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "messages"."conversation_participants" ADD CONSTRAINT "conversation_participants_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "messages"."conversations"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "messages"."conversation_participants" ADD CONSTRAINT "conversation_participants_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "messages"."messages" ADD CONSTRAINT "messages_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "messages"."conversations"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "messages"."messages" ADD CONSTRAINT "messages_sender_id_fkey" FOREIGN KEY ("sender_id") REFERENCES "auth"."users"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "messages"."messages" ADD CONSTRAINT "messages_reply_to_id_fkey" FOREIGN KEY ("reply_to_id") REFERENCES "messages"."messages"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "messages"."messages" ADD CONSTRAINT "messages_thread_root_id_fkey" FOREIGN KEY ("thread_root_id") REFERENCES "messages"."messages"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "messages"."user_streams" ADD CONSTRAINT "user_streams_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "users"."profiles" ADD CONSTRAINT "profiles_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- What Prisma cannot express stands below: states, partial and expression indexes, triggers, the log's partitions
-- and functions. docs/schema.md says what each is for.

-- States
ALTER TABLE auth.users ADD CONSTRAINT users_status_check CHECK (status IN ('active', 'suspended'));
ALTER TABLE auth.login_history ADD CONSTRAINT login_history_result_check CHECK (result IN ('success', 'failure', 'challenge'));
ALTER TABLE auth.login_history ADD CONSTRAINT login_history_reason_check CHECK (reason IN ('wrong_password', 'unverified', 'locked', 'suspended', 'no_password', 'rate_limited', 'wrong_code'));
ALTER TABLE auth.signing_keys ADD CONSTRAINT signing_keys_state_check CHECK (state IN ('next', 'current', 'verifying', 'retired'));
ALTER TABLE users.profiles ADD CONSTRAINT profiles_username_check CHECK (username ~ '^[A-Za-z0-9_]{3,30}$');
ALTER TABLE messages.conversations ADD CONSTRAINT conversations_type_check CHECK (type IN ('direct', 'group', 'channel'));
ALTER TABLE messages.conversations ADD CONSTRAINT conversations_history_visibility_check CHECK (history_visibility IN ('all', 'since_join'));
ALTER TABLE messages.conversations ADD CONSTRAINT conversations_direct_key_check CHECK ((type = 'direct') = (direct_key IS NOT NULL));
ALTER TABLE messages.conversation_participants ADD CONSTRAINT conversation_participants_role_check CHECK (role IN ('owner', 'admin', 'member'));
ALTER TABLE messages.conversation_participants ADD CONSTRAINT conversation_participants_notify_check CHECK (notify IN ('all', 'mentions', 'none'));
ALTER TABLE messages.conversation_participants ADD CONSTRAINT conversation_participants_marks_check CHECK (last_read_seq >= 0 AND last_delivered_seq >= last_read_seq);
ALTER TABLE messages.conversation_participants ADD CONSTRAINT conversation_participants_spans_check CHECK ((left_at IS NULL) = coalesce(upper_inf(spans), false));
ALTER TABLE messages.messages ADD CONSTRAINT messages_type_check CHECK (type IN ('text', 'attachment', 'poll', 'call', 'location', 'custom', 'system'));
ALTER TABLE messages.messages ADD CONSTRAINT messages_tombstone_check CHECK ((content IS NULL) = (deleted_at IS NOT NULL));
ALTER TABLE messages.delivery_status ADD CONSTRAINT delivery_status_status_check CHECK (status IN ('delivered', 'read'));
ALTER TABLE messages.log_head ADD CONSTRAINT log_head_one_check CHECK (one);

-- Access paths
CREATE UNIQUE INDEX users_email_normalized_key ON auth.users (email_normalized) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX profiles_username_key ON users.profiles (lower(username)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX signing_keys_current_key ON auth.signing_keys (state) WHERE state = 'current';
CREATE INDEX sessions_live_idx ON auth.sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX conversation_participants_members_idx ON messages.conversation_participants (conversation_id, joined_at, user_id) WHERE left_at IS NULL;
CREATE INDEX messages_unread_idx ON messages.messages (conversation_id, seq) INCLUDE (sender_id, event_seq) WHERE deleted_at IS NULL;
CREATE INDEX messages_reply_to_id_idx ON messages.messages (reply_to_id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX messages_thread_root_id_idx ON messages.messages (thread_root_id, seq) WHERE thread_root_id IS NOT NULL;

-- Rows that are written over and over: room for HOT updates, and an eager vacuum where rows only pass through.
ALTER TABLE messages.conversations SET (fillfactor = 70);
ALTER TABLE messages.conversation_participants SET (fillfactor = 80);
ALTER TABLE messages.user_streams SET (fillfactor = 70);
ALTER TABLE messages.log_head SET (fillfactor = 10);
ALTER TABLE messages.event_new SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- updated_at
CREATE FUNCTION auth.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $f$;
CREATE TRIGGER touch BEFORE UPDATE ON auth.users FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON auth.sessions FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON auth.signing_keys FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON users.profiles FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON messages.conversations FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON messages.conversation_participants FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON messages.messages FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();

-- The event log
CREATE TABLE messages.event_log_1 PARTITION OF messages.event_log FOR VALUES FROM (1) TO (1000001);
INSERT INTO messages.log_head (epoch) VALUES (left(gen_random_uuid()::text, 8));
INSERT INTO messages.log_epochs (epoch, first_position, reason) SELECT epoch, 0, 'created' FROM messages.log_head;

-- Moves committed events to the log and gives them the next positions. One caller at a time; waiting takes no xid.
-- Every writer locks its stream's row before it inserts here: so ids of one stream rise with its event_seq, and a writer
-- has its xid before its id, which low_id relies on.
CREATE FUNCTION messages.log_append(p_max integer, OUT from_position bigint, OUT to_position bigint) LANGUAGE plpgsql AS $f$
DECLARE
  head messages.log_head;
  oldest xid8;
  moved bigint;
  highest bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(4711);
  SELECT h.position, h.position INTO from_position, to_position FROM messages.log_head h
    WHERE NOT EXISTS (SELECT FROM messages.event_new n WHERE n.id >= h.low_id);
  IF FOUND THEN RETURN; END IF;
  SELECT * INTO head FROM messages.log_head FOR NO KEY UPDATE; -- the xid is taken here: after the previous appender committed
  oldest := pg_snapshot_xmin(pg_current_snapshot());           -- before the scan
  WITH taken AS (
    DELETE FROM messages.event_new WHERE id = ANY (ARRAY(
      SELECT id FROM messages.event_new WHERE id >= head.low_id ORDER BY id LIMIT p_max)) RETURNING *
  ), logged AS (
    INSERT INTO messages.event_log (position, stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data, created_at, logged_at)
    SELECT head.position + row_number() OVER (ORDER BY id), stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data, created_at, clock_timestamp()
    FROM taken RETURNING 1
  )
  SELECT (SELECT count(*) FROM logged), (SELECT max(id) FROM taken) INTO moved, highest;
  from_position := head.position;
  to_position := head.position + moved;
  -- low_id only saves work: it skips index entries of moved rows that an old snapshot keeps vacuum from removing.
  IF moved < p_max THEN
    IF head.pending_id IS NULL THEN head.pending_id := highest;
    ELSIF head.pending_xid IS NULL THEN head.pending_xid := pg_current_xact_id();
    ELSIF oldest >= head.pending_xid THEN
      head.low_id := head.pending_id + 1; head.pending_id := highest; head.pending_xid := NULL;
    END IF;
  END IF;
  UPDATE messages.log_head SET position = to_position, low_id = head.low_id, pending_id = head.pending_id, pending_xid = head.pending_xid;
END $f$;

-- One call per send: lock the conversation, then look (each statement sees what committed before the lock), then write.
CREATE FUNCTION messages.send_message(
  p_conversation uuid, p_sender uuid, p_client_message_id text, p_request_hash bytea, p_id uuid, p_type text, p_content jsonb,
  p_reply_to uuid, p_thread_root uuid, p_mentions jsonb, p_mentioned uuid[], p_metadata jsonb,
  OUT status text, OUT message_id uuid, OUT seq integer, OUT event_seq bigint, OUT created_at timestamptz
) LANGUAGE plpgsql AS $f$
DECLARE
  conversation record;
  earlier record;
  sender record;
BEGIN
  SELECT c.type, c.last_seq, c.event_seq, c.history_visibility INTO conversation FROM messages.conversations c
    WHERE c.id = p_conversation AND c.deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN status := 'NOT_FOUND'; RETURN; END IF;
  SELECT p.role, p.left_at, p.spans INTO sender FROM messages.conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_sender;
  IF NOT FOUND THEN status := 'NOT_FOUND'; RETURN; END IF;
  SELECT m.id, m.request_hash INTO earlier FROM messages.messages m
    WHERE m.conversation_id = p_conversation AND m.sender_id = p_sender AND m.client_message_id = p_client_message_id;
  IF FOUND THEN
    status := CASE WHEN earlier.request_hash = p_request_hash THEN 'REPLAY' ELSE 'CONFLICT' END;
    message_id := earlier.id;
    RETURN;
  END IF;
  IF sender.left_at IS NOT NULL THEN status := 'NOT_A_MEMBER'; RETURN; END IF;
  IF conversation.type = 'channel' AND sender.role = 'member' THEN status := 'READ_ONLY'; RETURN; END IF;
  IF p_reply_to IS NOT NULL AND NOT EXISTS (SELECT FROM messages.messages m WHERE m.id = p_reply_to AND m.conversation_id = p_conversation
    AND (conversation.history_visibility = 'all' OR m.event_seq <@ sender.spans)) THEN status := 'REPLY_NOT_FOUND'; RETURN; END IF;
  IF p_thread_root IS NOT NULL AND NOT EXISTS (SELECT FROM messages.messages m WHERE m.id = p_thread_root AND m.conversation_id = p_conversation
    AND (conversation.history_visibility = 'all' OR m.event_seq <@ sender.spans)) THEN status := 'THREAD_NOT_FOUND'; RETURN; END IF;
  IF EXISTS (SELECT FROM unnest(p_mentioned) AS mentioned(user_id) WHERE NOT EXISTS (SELECT FROM messages.conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = mentioned.user_id AND p.left_at IS NULL))
  THEN status := 'MENTION_NOT_MEMBER'; RETURN; END IF;

  status := 'OK';
  message_id := p_id;
  seq := conversation.last_seq + 1;
  event_seq := conversation.event_seq + 1;
  created_at := date_trunc('milliseconds', clock_timestamp());
  UPDATE messages.conversations c SET last_seq = send_message.seq, event_seq = send_message.event_seq, last_activity_at = greatest(c.last_activity_at, send_message.created_at)
    WHERE c.id = p_conversation;
  INSERT INTO messages.messages (id, conversation_id, seq, event_seq, sender_id, client_message_id, request_hash, type, content, reply_to_id, thread_root_id, mentions, metadata, created_at)
    VALUES (p_id, p_conversation, send_message.seq, send_message.event_seq, p_sender, p_client_message_id, p_request_hash, p_type, p_content, p_reply_to, p_thread_root, p_mentions, p_metadata, send_message.created_at);
  IF p_thread_root IS NOT NULL THEN
    UPDATE messages.messages m SET thread_count = m.thread_count + 1 WHERE m.id = p_thread_root;
  END IF;
  INSERT INTO messages.event_new (stream_id, event_seq, type, actor_id, ref_id) VALUES (p_conversation, send_message.event_seq, 'message.created', p_sender, p_id);
END $f$;

-- Moves watermarks, many in one call. One answer per input, by its ordinal. Participants are locked in key order, then
-- user streams in id order; a read that moved writes conversation.read on the reader's stream in the same transaction.
CREATE FUNCTION messages.mark(p_conversations uuid[], p_users uuid[], p_kinds text[], p_seqs integer[], p_devices uuid[])
RETURNS TABLE (ordinal integer, status text, last_delivered_seq integer, last_read_seq integer) LANGUAGE plpgsql AS $f$
#variable_conflict use_column
BEGIN
  PERFORM 1 FROM messages.conversation_participants p
    WHERE (p.conversation_id, p.user_id) IN (SELECT DISTINCT c, u FROM unnest(p_conversations, p_users) AS i(c, u))
    ORDER BY p.conversation_id, p.user_id FOR NO KEY UPDATE;
  -- A locked participant keeps his user, so the stream of one who has none yet can be made.
  INSERT INTO messages.user_streams (user_id)
    SELECT DISTINCT p.user_id FROM messages.conversation_participants p
    JOIN unnest(p_conversations, p_users, p_kinds) AS i(c, u, k) ON p.conversation_id = i.c AND p.user_id = i.u
    WHERE i.k = 'read' AND NOT EXISTS (SELECT FROM messages.user_streams s WHERE s.user_id = p.user_id)
    ORDER BY p.user_id ON CONFLICT DO NOTHING;
  PERFORM 1 FROM messages.user_streams s
    WHERE s.user_id IN (SELECT u FROM unnest(p_users, p_kinds) AS i(u, k) WHERE k = 'read') ORDER BY s.user_id FOR NO KEY UPDATE;

  RETURN QUERY
  WITH input AS (
    SELECT i.* FROM unnest(p_conversations, p_users, p_kinds, p_seqs, p_devices) WITH ORDINALITY AS i(conversation_id, user_id, kind, seq, device_id, n)
  ), judged AS (
    SELECT i.*, p.last_delivered_seq AS delivered, p.last_read_seq AS read,
      CASE WHEN p.user_id IS NULL OR c.deleted_at IS NOT NULL THEN 'NOT_FOUND' WHEN p.left_at IS NOT NULL THEN 'NOT_A_MEMBER' WHEN i.seq > c.last_seq THEN 'FUTURE' ELSE 'OK' END AS verdict
    FROM input i
    LEFT JOIN messages.conversation_participants p ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
    LEFT JOIN messages.conversations c ON c.id = i.conversation_id
  ), target AS (
    SELECT conversation_id, user_id, delivered, read, greatest(delivered, max(seq)) AS to_delivered,
      greatest(read, max(seq) FILTER (WHERE kind = 'read')) AS to_read, (array_agg(device_id ORDER BY seq DESC))[1] AS device_id
    FROM judged WHERE verdict = 'OK' GROUP BY conversation_id, user_id, delivered, read
  ), moved AS (
    UPDATE messages.conversation_participants p SET last_delivered_seq = t.to_delivered, last_read_seq = t.to_read
    FROM target t WHERE p.conversation_id = t.conversation_id AND p.user_id = t.user_id AND (t.to_delivered > t.delivered OR t.to_read > t.read)
    RETURNING t.*
  ), written AS (
    INSERT INTO messages.delivery_status (conversation_id, user_id, status, to_seq, device_id, at)
    SELECT conversation_id, user_id, 'read', to_read, device_id, clock_timestamp() FROM moved WHERE to_read > read
    UNION ALL
    SELECT conversation_id, user_id, 'delivered', to_delivered, device_id, clock_timestamp() FROM moved WHERE to_delivered > delivered AND to_delivered > to_read
    ON CONFLICT DO NOTHING
  ), reads AS (
    SELECT m.*, row_number() OVER (PARTITION BY m.user_id ORDER BY m.conversation_id) AS nth, s.event_seq
    FROM moved m JOIN messages.user_streams s ON s.user_id = m.user_id WHERE m.to_read > m.read
  ), advanced AS (
    UPDATE messages.user_streams s SET event_seq = s.event_seq + r.n FROM (SELECT user_id, count(*) AS n FROM reads GROUP BY user_id) r WHERE s.user_id = r.user_id
  ), told AS (
    INSERT INTO messages.event_new (stream_id, event_seq, type, actor_id, ref_id, data)
    SELECT user_id, event_seq + nth, 'conversation.read', user_id, conversation_id, jsonb_build_object('conversationId', conversation_id, 'lastReadSeq', to_read) FROM reads
    ORDER BY user_id, nth -- ids rise with event_seq
  )
  SELECT j.n::integer, CASE WHEN j.verdict <> 'OK' THEN j.verdict WHEN CASE j.kind WHEN 'read' THEN j.seq > j.read ELSE j.seq > j.delivered END THEN 'MOVED' ELSE 'STALE' END,
    t.to_delivered, t.to_read
  FROM judged j LEFT JOIN target t ON t.conversation_id = j.conversation_id AND t.user_id = j.user_id AND j.verdict = 'OK' ORDER BY j.n;
END $f$;
