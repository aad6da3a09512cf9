import { setTimeout as pause } from "node:timers/promises";
import { createTestDatabase } from "@echo/testing/database";
import { describeOnKafka } from "@echo/testing/kafka";
import { expect, test } from "vitest";
import { queueConformance } from "../queue.conformance.ts";
import type { ConsumeOptions } from "../queue.ts";
import {
  appendTo,
  consumeAs,
  effectsOf,
  eventually,
  expectOnce,
  keysOf,
  type QueueHarness,
  sql,
  stateOf,
  using,
} from "../queue-conformance-kit.ts";
import { openQueueHarness, openTestQueue } from "../queue-harness.ts";
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

  test("a rewind takes back and does again while Kafka brings more", { timeout }, async () => {
    await using database = await createTestDatabase();
    await using harness = await openQueueHarness({ url: database.url, kafka: options() }, patienceMs);
    const queue = await harness.open();
    const keys = keysOf(16);
    await using([queue.consume(consumeAs("busy")), (await harness.open()).consume(consumeAs("busy"))], async () => {
      await appendTo(harness, keys, 200);
      await expectOnce(harness, "busy", 200);
      for (const position of [150, 20]) {
        const more = appendTo(harness, keys, 200);
        await queue.rewind("busy", position);
        await more;
      }
      await eventually(harness, async () =>
        expect(await stateOf(queue, "busy")).toMatchObject({ events: 0, rewindTo: null }),
      );
      await expectOnce(harness, "busy", 600);
    });
  });

  test("a lane that Kafka brings nothing for a minute looks into the log", { timeout }, async () => {
    await using database = await createTestDatabase();
    await using harness = await openQueueHarness({ url: database.url, kafka: null }, patienceMs);
    const nowhere = { ...options(), brokers: ["127.0.0.1:1"] };
    const { queue, db } = await openTestQueue({ url: database.url, kafka: nowhere });
    await appendTo(harness, keysOf(16), 100);
    await using([queue.consume(consumeAs("quiet"))], async () => {
      const age = sql<{ lane: number }>(
        "UPDATE messages.queue_checkpoints SET updated_at = now() - interval '2 minutes' RETURNING lane",
      );
      await eventually(harness, async () => expect(await harness.db.query(age)).toHaveLength(8));
      await expectOnce(harness, "quiet", 100);
    });
    await queue.close();
    await db.close();
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

  test("a group is not behind of what it does not ask for any more, and goes on there when it does", {
    timeout,
  }, async () => {
    await using database = await createTestDatabase();
    await using harness = await openQueueHarness({ url: database.url, kafka: options() }, patienceMs);
    const queue = await harness.open();
    const [key = ""] = keysOf(1);
    const both = { topics: ["messages", "other"] };
    const handle = (more: Partial<ConsumeOptions>, count: number) =>
      using([queue.consume(consumeAs("fickle", more))], async () => {
        await eventually(harness, async () => expect(await effectsOf(harness, "fickle")).toHaveLength(count));
        await eventually(harness, async () => expect(await stateOf(queue, "fickle")).toMatchObject({ events: 0 }));
      });
    await harness.log.append([{ key }, { key, topic: "other" }]);
    await handle(both, 2);

    await harness.log.append([{ key, topic: "other" }, { key }]);
    await handle({}, 3);
    await handle(both, 4);
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
