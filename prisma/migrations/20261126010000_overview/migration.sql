-- What happened lately: both tables grow in the order of time, so an index of ranges is small and costs the writer nothing.
CREATE INDEX "messages_created_at_idx" ON "messages"."messages" USING BRIN ("created_at");
CREATE INDEX "delivery_status_at_idx" ON "messages"."delivery_status" USING BRIN ("at");
