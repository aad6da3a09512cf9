-- Rollups say which stride of the log they were counted from, so that a rewind can forget them by it. What the log still has is
-- counted anew. Hours from before it stay as they were counted, and are nobody's to forget; the hour in which the log begins is
-- counted from there on.

-- First, as workers do: who handles has a lane, and then the tables.
UPDATE messages.queue_checkpoints SET rewind_to = (SELECT floor FROM messages.log_head) WHERE group_name = 'rollups';
LOCK TABLE analytics.hourly_counts, analytics.hourly_senders IN ACCESS EXCLUSIVE MODE;
DELETE FROM analytics.hourly_counts WHERE hour >= coalesce((SELECT date_trunc('hour', created_at, 'UTC') FROM messages.event_log ORDER BY position LIMIT 1), 'infinity');
DELETE FROM analytics.hourly_senders WHERE messages <= 0 OR hour >= coalesce((SELECT date_trunc('hour', created_at, 'UTC') FROM messages.event_log ORDER BY position LIMIT 1), 'infinity');

-- AlterTable
ALTER TABLE "analytics"."hourly_counts" DROP CONSTRAINT "hourly_counts_pkey",
ADD COLUMN     "since_position" BIGINT NOT NULL DEFAULT -1,
ADD CONSTRAINT "hourly_counts_pkey" PRIMARY KEY ("hour", "metric", "since_position");

-- AlterTable
ALTER TABLE "analytics"."hourly_senders" DROP CONSTRAINT "hourly_senders_pkey",
DROP COLUMN "messages",
ADD COLUMN     "since_position" BIGINT NOT NULL DEFAULT -1,
ADD CONSTRAINT "hourly_senders_pkey" PRIMARY KEY ("hour", "user_id", "since_position");

ALTER TABLE "analytics"."hourly_counts" ALTER COLUMN "since_position" DROP DEFAULT;
ALTER TABLE "analytics"."hourly_senders" ALTER COLUMN "since_position" DROP DEFAULT;

-- CreateIndex
CREATE INDEX "hourly_counts_since_position_idx" ON "analytics"."hourly_counts"("since_position");

-- CreateIndex
CREATE INDEX "hourly_senders_since_position_idx" ON "analytics"."hourly_senders"("since_position");
