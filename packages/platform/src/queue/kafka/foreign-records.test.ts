import { createTestDatabase } from "@echo/testing/database";
import { describeOnKafka } from "@echo/testing/kafka";
import kafkajs, { type Message } from "kafkajs";
import { expect, test } from "vitest";
import { createLogger } from "../../logger/create-logger.ts";
import { laneOf } from "../log-reader.ts";
import type { DeadLetter } from "../queue.ts";
import { appendTo, consumeAs, effectsOf, eventually, expectOnce, keysOf, using } from "../queue-conformance-kit.ts";
import { openQueueHarness } from "../queue-harness.ts";
import { createClient } from "./create-client.ts";
import { followTopics } from "./follow-topics.ts";
import type { KafkaOptions } from "./kafka-options.ts";

const timeout = 90_000;
const logger = createLogger({ service: "test", destination: { write: () => undefined } });
const at = new Date().toISOString();
const [key = ""] = keysOf(1);

const headers = { epoch: "one", position: "7", previous: "6", type: "test", "schema-version": "1" };
const value = JSON.stringify({ n: 7, createdAt: at, loggedAt: at });
const record = { key, value, headers };
const headed = (changed: Record<string, string>): Message => ({ ...record, headers: { ...headers, ...changed } });

/** What comes, and why it is not taken for a record. */
const unreadable: [message: Message, fault: RegExp][] = [
  [{ ...record, value: "{ not json" }, /JSON/],
  [{ ...record, value: "x".repeat(2 * 1_048_576) }, /JSON/],
  [{ ...record, value: "[]" }, /./],
  [{ ...record, value: null }, /no value/],
  [{ ...record, value: '{"n":"\\u0000"}' }, /NUL/],
  [{ ...record, value: Buffer.from([0xff, 0xfe, 0]) }, /./],
  [{ key, value, headers: { "x-trace": "1" } }, /header epoch/],
  [headed({ position: "-1" }), /header position/],
  [{ ...record, key: null }, /UUID/],
  [headed({ type: "of\0tomorrow" }), /type is not known/],
  [headed({ position: "8", previous: "7", "schema-version": "2" }), /version is 2/],
];

/** What comes and is of no consequence. */
const passedOver: Message[] = [headed({ epoch: "elsewhere", position: "999" }), headed({ position: "1" })];

/** Sends to the partition of `key` what nobody sends who knows Echo. */
async function sendAll(kafka: KafkaOptions, messages: readonly Message[]): Promise<void> {
  const client = createClient(kafka, logger);
  const topic = `${kafka.prefix}messages`;
  const [admin, producer] = [client.admin(), client.producer()];
  await admin.connect();
  const configEntries = [{ name: "max.message.bytes", value: String(4 * 1_048_576) }];
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
  await producer.connect();
  for (const message of messages) await producer.send({ topic, messages: [{ ...message, partition: laneOf(key) }] });
  await producer.disconnect();
}

const offsetOf = ({ record: { value: outline } }: DeadLetter): number => Number(outline.offset);

describeOnKafka("records that are not Echo's", (shared) => {
  test("become dead letters with their reason or are passed over, and nothing stops", { timeout }, async () => {
    await using database = await createTestDatabase();
    const prefix = shared.takePrefix();
    const kafka: KafkaOptions = { brokers: [shared.brokers], isTls: false, sasl: null, prefix, clientId: "echo-test" };
    await using harness = await openQueueHarness({ url: database.url, kafka }, 40_000);
    const queue = await harness.open();
    const told: unknown[] = [];
    const onRecord = ({ value: text }: { value: Buffer | null }) => void told.push(JSON.parse(`${text}`));
    const follower = followTopics({ kafka, names: ["messages.dead"], logger, onRecord });

    await using([queue.consume(consumeAs("cautious"))], async () => {
      await appendTo(harness, [key], 6);
      await expectOnce(harness, "cautious", 6);
      await sendAll(kafka, [...unreadable.map(([message]) => message), ...passedOver]);
      await eventually(harness, async () => expect(await queue.deadLetters(100)).toHaveLength(unreadable.length));
      // Two of those were in the places of the seventh and the eighth, and wait for somebody who can read them.
      await appendTo(harness, [key], 6);
      const positions = [1, 2, 3, 4, 5, 6, 9, 10, 11, 12];
      await eventually(harness, async () =>
        expect((await effectsOf(harness, "cautious")).map(({ position }) => position)).toEqual(positions),
      );

      const letters = (await queue.deadLetters(100)).toSorted((a, b) => offsetOf(a) - offsetOf(b));
      for (const [index, [, fault]] of unreadable.entries()) expect(letters[index]?.error).toMatch(fault);
      expect(await queue.replay([letters.at(-1)?.id ?? ""])).toBe(1);
      await eventually(harness, async () =>
        expect(await queue.deadLetters(100)).toContainEqual(
          expect.objectContaining({ attempts: 2, error: expect.stringMatching(/version is 2/) }),
        ),
      );
      await eventually(harness, () => expect(told).toHaveLength(unreadable.length));

      // The log is read by this version: it has no use for the letter of what it knows there, and keeps the others.
      await queue.rewind("cautious", 6);
      await expectOnce(harness, "cautious", 12);
      const kept = await queue.deadLetters(100);
      expect(kept).toHaveLength(unreadable.length - 1);
      expect(kept).not.toContainEqual(expect.objectContaining({ error: expect.stringMatching(/version is 2/) }));
    });
    await follower.stop();
    expect(told).toContainEqual(expect.objectContaining({ group: "cautious", error: expect.stringMatching(/NUL/) }));
  });
});
