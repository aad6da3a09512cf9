-- AlterTable
ALTER TABLE "messages"."dead_letters" ADD COLUMN     "published_at" TIMESTAMPTZ(3),
ADD COLUMN     "raw" BYTEA;

-- AlterTable
ALTER TABLE "messages"."queue_checkpoints" DROP CONSTRAINT "queue_checkpoints_pkey",
ADD COLUMN     "redo_to" BIGINT,
ADD COLUMN     "topic" TEXT NOT NULL DEFAULT '',
ADD CONSTRAINT "queue_checkpoints_pkey" PRIMARY KEY ("group_name", "topic", "lane");

-- CreateTable
CREATE TABLE "messages"."relay_state" (
    "one" BOOLEAN NOT NULL DEFAULT true,
    "holder" UUID,
    "held_until" TIMESTAMPTZ(3),
    "epoch" TEXT,
    "position" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "relay_state_pkey" PRIMARY KEY ("one")
);

-- What Prisma cannot express stands below. docs/schema.md says what each is for.

ALTER TABLE messages.relay_state SET (fillfactor = 20);
INSERT INTO messages.relay_state DEFAULT VALUES;
CREATE INDEX dead_letters_unpublished_idx ON messages.dead_letters (failed_at) WHERE published_at IS NULL;
