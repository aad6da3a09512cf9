import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { queueConformance } from "./queue.conformance.ts";
import { openQueueHarness, openTestQueue } from "./queue-harness.ts";

test.each(queueConformance)("the log as queue: $name", async ({ run }) => {
  await using database = await createTestDatabase();
  await using harness = await openQueueHarness({ url: database.url, kafka: null }, 20_000);

  await run(harness);
});

test("a group's name that cannot be stored is refused at once", async () => {
  await using database = await createTestDatabase();
  const { queue, db } = await openTestQueue({ url: database.url, kafka: null });
  const consume = { topics: ["messages"], handle: async () => undefined };

  for (const group of ["", "A", "a b", "a".repeat(65)]) {
    expect(() => queue.consume({ ...consume, group })).toThrow(RangeError);
  }
  await db.close();
});
