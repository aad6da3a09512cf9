-- CreateTable
CREATE TABLE "analytics"."hourly_counts" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "metric" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "hourly_counts_pkey" PRIMARY KEY ("hour","metric")
);

-- CreateTable
CREATE TABLE "analytics"."hourly_senders" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "user_id" UUID NOT NULL,
    "messages" BIGINT NOT NULL,

    CONSTRAINT "hourly_senders_pkey" PRIMARY KEY ("hour","user_id")
);

-- What Prisma cannot express stands below. docs/schema.md says what each is for.
ALTER TABLE analytics.hourly_counts ADD CONSTRAINT hourly_counts_metric_check CHECK (metric IN ('messages', 'newUsers', 'newConversations'));
