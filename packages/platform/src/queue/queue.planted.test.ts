import { statement } from "@echo/db";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { queueConformance } from "./queue.conformance.ts";
import type { ConsumeOptions, Queue, QueueRecord } from "./queue.ts";
import type { QueueHarness } from "./queue-conformance-kit.ts";
import { openQueueHarness } from "./queue-harness.ts";

type CaseName = (typeof queueConformance)[number]["name"];
type Plant = (harness: QueueHarness) => QueueHarness;

const inQueue =
  (change: (queue: Queue) => Partial<Queue>): Plant =>
  (harness) => ({
    ...harness,
    async open() {
      const queue = await harness.open();
      return { ...queue, ...change(queue) };
    },
  });

/** The handler is called with other options than those asked for. */
const consuming = (change: (options: ConsumeOptions) => Partial<ConsumeOptions>): Plant =>
  inQueue((queue) => ({ consume: (options) => queue.consume({ ...options, ...change(options) }) }));

const handling = (change: (records: readonly QueueRecord[]) => readonly QueueRecord[]): Plant =>
  consuming(({ handle }) => ({ handle: (tx, records) => handle(tx, change(records)) }));

const losing = (isLost: (record: QueueRecord) => boolean): Plant =>
  handling((records) => records.filter((record) => !isLost(record)));

/** For each promise a driver that breaks it. */
const plants: Record<CaseName, Plant> = {
  "eight consumers handle each record once, and those of a key in their order": handling((records) =>
    records.flatMap((record) => (record.position === 500 ? [record, record] : [record])),
  ),
  "who joins or leaves while records are handled doubles and loses nothing": losing(({ position }) => position === 321),
  "groups know nothing of each other, and get the topics that they asked for": consuming(() => ({
    topics: ["messages", "other"],
  })),
  "after a stop nothing is handled, and the next consumer goes on where it was": inQueue((queue) => ({
    consume(options) {
      const consumer = queue.consume(options);
      return { stop: async () => void setTimeout(() => void consumer.stop(), 3_000) };
    },
  })),
  "an effect happens once when its process is killed between handling and commit": (harness) => ({
    ...harness,
    // As an effect outside of its transaction.
    async runVictim(group) {
      await harness.runVictim(group);
      const text = "INSERT INTO effects (group_name, key, position, value) SELECT $1, gen_random_uuid(), 3, '{}'";
      await harness.db.query(statement("", text), [group]);
    },
  }),
  "a record that fails five times becomes a dead letter: nothing of it is left, and its key goes on": consuming(
    ({ handle }) => ({ handle: (tx, records) => handle(tx, records).catch(() => undefined) }),
  ),
  "a record that takes its transaction down each time becomes a dead letter too": losing(({ value }) => value.n === 7),
  "a record whose handling never ends becomes a dead letter, with two consumers that take turns at it": consuming(
    () => ({
      maxHandleMs: 20_000,
    }),
  ),
  "a dead letter that takes its transaction down when it is tried again is left in peace, and the next one is tried":
    inQueue(() => ({ replay: async () => 2 })),
  "a dead letter is tried again when somebody asks, and is gone once it was handled": inQueue(() => ({
    replay: async () => 1,
  })),
  "a handler may think for longer than a session may be idle": consuming(({ handle }) => ({
    handle: (tx, records) =>
      Promise.race([
        handle(tx, records),
        new Promise<never>((_, reject) => setTimeout(() => reject(new Error("too long")), 500)),
      ]),
  })),
  "a rewind takes back what was done since, by whatever version, dead letters too, and does it again": consuming(
    () => ({
      forget: { stride: 4, after: async () => undefined },
    }),
  ),
  "a rewind of a group that never was, or further than the log goes back, is refused": inQueue((queue) => ({
    rewind: (group, position) => queue.rewind(group, position).catch(() => undefined),
  })),
  "lag is told in events and in seconds, by moment and position": inQueue((queue) => ({
    groups: async () => (await queue.groups()).map((state) => ({ ...state, events: 0 })),
  })),
  "what a restore took back is forgotten, and what came in its place is handled": (harness) => {
    const handled = new Set<number>();
    return losing(({ position }) => {
      const isOld = handled.has(position);
      handled.add(position);
      return isOld;
    })(harness);
  },
};

test.each(queueConformance)("a planted fault is found: $name", async ({ name, run }) => {
  await using database = await createTestDatabase();
  await using harness = await openQueueHarness({ url: database.url, kafka: null }, 6_000);

  await expect(run(plants[name](harness))).rejects.toHaveProperty("name", "AssertionError");
});
