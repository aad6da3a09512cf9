-- A day of messages is counted from this index alone; by an index of ranges each row of the day would be read.
CREATE INDEX "messages_created_at_idx" ON "messages"."messages" ("created_at");
-- What was delivered lately grows in the order of time, so an index of ranges is small and costs the writer nothing. A
-- range that is not summarised is read whole: without autosummarize, all that came since the last vacuum.
CREATE INDEX "delivery_status_at_idx" ON "messages"."delivery_status" USING BRIN ("at") WITH (autosummarize = on);
