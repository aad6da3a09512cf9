-- CreateTable
CREATE TABLE "messages"."queue_checkpoints" (
    "group_name" TEXT NOT NULL,
    "lane" SMALLINT NOT NULL,
    "topics" TEXT[],
    "epoch" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "rewind_to" BIGINT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "queue_checkpoints_pkey" PRIMARY KEY ("group_name","lane")
);

-- CreateTable
CREATE TABLE "messages"."dead_letters" (
    "id" UUID NOT NULL,
    "group_name" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" UUID NOT NULL,
    "position" BIGINT NOT NULL,
    "record" JSONB NOT NULL,
    "error" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "failed_at" TIMESTAMPTZ(3) NOT NULL,
    "replay_at" TIMESTAMPTZ(3),

    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "dead_letters_group_name_position_idx" ON "messages"."dead_letters"("group_name", "position");

-- CreateIndex
CREATE INDEX "dead_letters_failed_at_id_idx" ON "messages"."dead_letters"("failed_at", "id");

-- What Prisma cannot express stands below. docs/schema.md says what each is for.

-- Checkpoints are written over and over: their updates stay on the page.
ALTER TABLE messages.queue_checkpoints SET (fillfactor = 20);
ALTER TABLE messages.queue_checkpoints ALTER COLUMN topics SET NOT NULL;
