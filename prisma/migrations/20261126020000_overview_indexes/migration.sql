-- A day of messages is counted from the index alone; by ranges each row of the day was read.
DROP INDEX "messages"."messages_created_at_idx";
CREATE INDEX "messages_created_at_idx" ON "messages"."messages" ("created_at");
-- A range that is not summarised is read whole: without this, all that came since the last vacuum.
ALTER INDEX "messages"."delivery_status_at_idx" SET (autosummarize = on);
