import { setTimeout as pause } from "node:timers/promises";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { queueConformance } from "./queue.conformance.ts";
import { appendTo, consumeAs, eventually, keysOf, stateOf, using } from "./queue-conformance-kit.ts";
import { openQueueHarness, openTestQueue } from "./queue-harness.ts";
import { recordEffects } from "./test-effects.ts";

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

test("a rewind waits for what is being handled", { timeout: 30_000 }, async () => {
  await using database = await createTestDatabase();
  await using harness = await openQueueHarness({ url: database.url, kafka: null }, 20_000);
  const queue = await harness.open();
  let isHandling = false;
  const slowly = consumeAs("slow", {
    async handle(tx, records) {
      await recordEffects("slow")(tx, records);
      isHandling = true;
      await pause(6_000);
    },
  });
  await appendTo(harness, keysOf(1), 4);

  await using([queue.consume(slowly)], async () => {
    await eventually(harness, () => expect(isHandling).toBe(true));
    await queue.rewind("slow", 2);
  });
  expect(await stateOf(queue, "slow")).toMatchObject({ rewindTo: 2 });
});
