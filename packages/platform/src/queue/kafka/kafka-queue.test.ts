import { createTestDatabase } from "@echo/testing/database";
import { test } from "vitest";
import { queueConformance } from "../queue.conformance.ts";
import { openQueueHarness } from "../queue-harness.ts";

const brokers = ["127.0.0.1:19192"];
test.each(queueConformance)("Kafka: $name", { timeout: 90_000 }, async ({ run }) => {
  await using database = await createTestDatabase();
  const prefix = `t${Math.random().toString(36).slice(2)}-`;
  const kafka = { brokers, isTls: false, sasl: null, prefix, clientId: "echo-test" };
  await using harness = await openQueueHarness({ url: database.url, kafka }, 40_000);

  await run(harness);
});
