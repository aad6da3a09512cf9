-- CreateTable
CREATE TABLE "auth"."staff" (
    "id" UUID NOT NULL,
    "email" TEXT,
    "email_normalized" TEXT,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "password_hash" TEXT,
    "totp_secret" BYTEA,
    "totp_enabled_at" TIMESTAMPTZ(3),
    "totp_last_step" INTEGER,
    "is_local" BOOLEAN NOT NULL DEFAULT false,
    "link_token_hash" BYTEA,
    "link_expires_at" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "staff_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."staff_sessions" (
    "id" UUID NOT NULL,
    "staff_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "ip" INET,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "stepped_up_at" TIMESTAMPTZ(3),

    CONSTRAINT "staff_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."staff_challenges" (
    "id" UUID NOT NULL,
    "staff_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "attempt_id" UUID NOT NULL,
    "wrong_codes" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "staff_challenges_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."attempts" (
    "id" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" BYTEA NOT NULL,
    "network" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."audit_log" (
    "id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "staff_id" UUID,
    "act" TEXT NOT NULL,
    "subject_type" TEXT,
    "subject_id" TEXT,
    "reason" TEXT,
    "data" JSONB NOT NULL,
    "request_id" TEXT NOT NULL,
    "ip" INET,
    "hmac" BYTEA NOT NULL,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."audit_head" (
    "one" BOOLEAN NOT NULL DEFAULT true,
    "count" BIGINT NOT NULL DEFAULT 0,
    "hmac" BYTEA NOT NULL,
    "audit_key" BYTEA,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("one")
);

-- CreateIndex
CREATE UNIQUE INDEX "staff_email_normalized_key" ON "auth"."staff"("email_normalized");

-- CreateIndex
CREATE UNIQUE INDEX "staff_link_token_hash_key" ON "auth"."staff"("link_token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "staff_sessions_token_hash_key" ON "auth"."staff_sessions"("token_hash");

-- CreateIndex
CREATE INDEX "staff_sessions_staff_id_idx" ON "auth"."staff_sessions"("staff_id");

-- CreateIndex
CREATE UNIQUE INDEX "staff_challenges_token_hash_key" ON "auth"."staff_challenges"("token_hash");

-- CreateIndex
CREATE INDEX "staff_challenges_staff_id_idx" ON "auth"."staff_challenges"("staff_id");

-- CreateIndex
CREATE INDEX "attempts_scope_kind_subject_at_idx" ON "auth"."attempts"("scope", "kind", "subject", "at");

-- CreateIndex
CREATE INDEX "attempts_scope_network_at_idx" ON "auth"."attempts"("scope", "network", "at");

-- CreateIndex
CREATE INDEX "attempts_at_idx" ON "auth"."attempts"("at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_log_seq_key" ON "auth"."audit_log"("seq");

-- AddForeignKey
ALTER TABLE "auth"."staff_sessions" ADD CONSTRAINT "staff_sessions_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "auth"."staff"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth"."staff_challenges" ADD CONSTRAINT "staff_challenges_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "auth"."staff"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- What Prisma cannot express stands below. docs/schema.md says what each is for.

-- States
ALTER TABLE auth.staff ADD CONSTRAINT staff_role_check CHECK (role IN ('viewer', 'support', 'admin'));
ALTER TABLE auth.staff ADD CONSTRAINT staff_local_check CHECK (is_local = (email IS NULL) AND (email IS NULL) = (email_normalized IS NULL) AND NOT (is_local AND password_hash IS NOT NULL));
ALTER TABLE auth.staff ADD CONSTRAINT staff_password_check CHECK (password_hash IS NULL OR totp_enabled_at IS NOT NULL);
ALTER TABLE auth.staff ADD CONSTRAINT staff_totp_check CHECK (totp_enabled_at IS NULL OR totp_secret IS NOT NULL);
ALTER TABLE auth.staff ADD CONSTRAINT staff_link_check CHECK ((link_token_hash IS NULL) = (link_expires_at IS NULL) AND (link_token_hash IS NULL OR is_local));
ALTER TABLE auth.attempts ADD CONSTRAINT attempts_scope_check CHECK (scope IN ('staff', 'user'));
ALTER TABLE auth.attempts ADD CONSTRAINT attempts_kind_check CHECK (kind IN ('sign_in', 'second_factor'));
ALTER TABLE auth.attempts ADD CONSTRAINT attempts_network_check CHECK ((kind = 'sign_in') = (network IS NOT NULL));
ALTER TABLE auth.audit_head ADD CONSTRAINT audit_head_one_check CHECK (one);

-- Access paths
CREATE UNIQUE INDEX staff_local_key ON auth.staff (is_local) WHERE is_local;

-- updated_at
CREATE TRIGGER touch BEFORE UPDATE ON auth.staff FOR EACH ROW EXECUTE FUNCTION auth.touch_updated_at();

-- The audit log: rows are added and nothing else, also under session_replication_role = replica; its head changes and stays.
ALTER TABLE auth.audit_head SET (fillfactor = 10);
INSERT INTO auth.audit_head (hmac) VALUES (decode(repeat('00', 32), 'hex'));
CREATE FUNCTION auth.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  RAISE EXCEPTION '% on %.% is refused: the audit log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $f$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON auth.audit_log FOR EACH STATEMENT EXECUTE FUNCTION auth.refuse_change();
ALTER TABLE auth.audit_log ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON auth.audit_head FOR EACH STATEMENT EXECUTE FUNCTION auth.refuse_change();
ALTER TABLE auth.audit_head ENABLE ALWAYS TRIGGER stays;
