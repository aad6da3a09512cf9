import { setTimeout as pause } from "node:timers/promises";
import { createTestDatabase } from "@echo/testing/database";
import { describeOnKafka } from "@echo/testing/kafka";
import { expect, test } from "vitest";
import { queueConformance } from "../queue.conformance.ts";
import {
  appendTo,
  consumeAs,
  eventually,
  expectOnce,
  keysOf,
  type QueueHarness,
  sql,
  using,
} from "../queue-conformance-kit.ts";
import { openQueueHarness } from "../queue-harness.ts";
import { recordEffects } from "../test-effects.ts";
import type { KafkaOptions } from "./kafka-options.ts";

const timeout = 90_000;
const patienceMs = 40_000;

describeOnKafka("the queue on Kafka", (shared) => {
  const options = (): KafkaOptions => {
    const brokers = [shared.brokers];
    return { brokers, isTls: false, sasl: null, prefix: shared.takePrefix(), clientId: "echo-test" };
  };

  test.each(queueConformance)("Kafka: $name", { timeout }, async ({ run }) => {
    await using database = await createTestDatabase();
    await using harness = await openQueueHarness({ url: database.url, kafka: options() }, patienceMs);

    await run(harness);
  });

  test("a handler that is slower than Kafka waits for a member handles each record once", { timeout }, async () => {
    await using database = await createTestDatabase();
    await using harness = await openQueueHarness({ url: database.url, kafka: options() }, patienceMs);
    const slowly = consumeAs("slow", {
      async handle(tx, records) {
        await pause(8_000);
        await recordEffects("slow")(tx, records);
      },
    });
    await appendTo(harness, keysOf(4), 40);
    const consumers = [(await harness.open()).consume(slowly), (await harness.open()).consume(slowly)];
    await using(consumers, () => expectOnce(harness, "slow", 40));
  });

  test("a group goes from the log to Kafka and back, and handles each record once", { timeout }, async () => {
    await using database = await createTestDatabase();
    await using onLog = await openQueueHarness({ url: database.url, kafka: null }, patienceMs);
    await using onKafka = await openQueueHarness({ url: database.url, kafka: options() }, patienceMs);
    const keys = keysOf(20);
    let count = 0;
    for (const harness of [onLog, onKafka, onLog, onKafka]) {
      await appendTo(harness, keys, 100);
      count += 100;
      await using([(await harness.open()).consume(consumeAs("moving"))], () => expectOnce(harness, "moving", count));
    }
    // Both at once, as while processes are exchanged one by one.
    const consumers = [onLog, onKafka].map(async (harness) => (await harness.open()).consume(consumeAs("moving")));
    await using(await Promise.all(consumers), async () => {
      await appendTo(onLog, keys, 100);
      await appendTo(onKafka, keys, 100);
      await expectOnce(onKafka, "moving", 600);
    });
  });

  test("what Kafka has lost is read from the log", { timeout }, async () => {
    await using database = await createTestDatabase();
    const url = database.url;
    const keys = keysOf(8);
    const handleSome = async (harness: QueueHarness, upTo: number) => {
      await using([(await harness.open()).consume(consumeAs("bereft"))], () => expectOnce(harness, "bereft", upTo));
    };
    {
      await using before = await openQueueHarness({ url, kafka: options() }, patienceMs);
      await appendTo(before, keys, 100);
      await handleSome(before, 100);
      // Relayed, and not handled by anybody.
      await appendTo(before, keys, 100);
      const text = "SELECT position FROM messages.relay_state";
      await eventually(before, async () => expect(await before.db.query(sql(text))).toEqual([{ position: 200 }]));
    }
    // Another cluster, as it seems to be by its topics: it has nothing of what the first one was given.
    await using after = await openQueueHarness({ url, kafka: options() }, patienceMs);
    await appendTo(after, keys, 8);
    await handleSome(after, 208);
  });
});
