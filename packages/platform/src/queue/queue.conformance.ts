import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import type { ConformanceCase } from "../conformance/conformance.ts";
import {
  appendTo,
  consumeAs,
  effectsOf,
  eventually,
  expectOnce,
  keysOf,
  poisoned,
  type QueueHarness,
  refuse,
  sql,
  stateOf,
  using,
} from "./queue-conformance-kit.ts";
import { recordEffects } from "./test-effects.ts";

const inOrder = [
  {
    name: "eight consumers handle each record once, and those of a key in their order",
    async run(harness) {
      const queues = await Promise.all(Array.from({ length: 8 }, harness.open));
      const consumers = queues.map((queue) => queue.consume(consumeAs("eight")));
      await using(consumers, async () => {
        await appendTo(harness, keysOf(40), 1_000);
        await expectOnce(harness, "eight", 1_000);
      });
    },
  },
  {
    name: "who joins or leaves while records are handled doubles and loses nothing",
    async run(harness) {
      const slowly = consumeAs("joining", {
        async handle(tx, records) {
          await recordEffects("joining")(tx, records);
          await wait(20);
        },
      });
      const queue = await harness.open();
      let first = queue.consume(slowly);
      const keys = keysOf(16);
      for (let round = 0; round < 5; round += 1) {
        await appendTo(harness, keys, 100);
        const next = (await harness.open()).consume(slowly);
        await wait(15);
        await first.stop();
        first = next;
      }
      await using([first], () => expectOnce(harness, "joining", 500));
    },
  },
  {
    name: "groups know nothing of each other, and get the topics that they asked for",
    async run(harness) {
      const queue = await harness.open();
      const [key = ""] = keysOf(1);
      await harness.log.append([{ key }, { key, topic: "other" }, { key }]);
      const one = queue.consume(consumeAs("one"));
      await using([one], () =>
        eventually(harness, async () => expect(await effectsOf(harness, "one")).toHaveLength(2)),
      );
      const both = queue.consume(consumeAs("both", { topics: ["messages", "other"] }));
      await using([both], async () => {
        await eventually(harness, async () => expect(await effectsOf(harness, "both")).toHaveLength(3));
        expect(await effectsOf(harness, "one")).toHaveLength(2);
      });
    },
  },
  {
    name: "after a stop nothing is handled, and the next consumer goes on where it was",
    async run(harness) {
      const queue = await harness.open();
      const keys = keysOf(4);
      const first = queue.consume(consumeAs("stopped"));
      await using([first], async () => {
        await appendTo(harness, keys, 20);
        await expectOnce(harness, "stopped", 20);
      });
      await appendTo(harness, keys, 20);
      await wait(1_500);
      expect(await effectsOf(harness, "stopped")).toHaveLength(20);
      await using([queue.consume(consumeAs("stopped"))], () => expectOnce(harness, "stopped", 40));
    },
  },
] as const satisfies ConformanceCase<QueueHarness>[];

const faults = [
  {
    name: "an effect happens once when its process is killed between handling and commit",
    async run(harness) {
      await appendTo(harness, keysOf(8), 100);
      await harness.runVictim("killed");
      const queue = await harness.open();
      await using([queue.consume(consumeAs("killed"))], () => expectOnce(harness, "killed", 100));
    },
  },
  {
    name: "a record that fails five times becomes a dead letter: nothing of it is left, and its key goes on",
    async run(harness) {
      const queue = await harness.open();
      const { consume } = poisoned("poisoned", refuse);
      await appendTo(harness, keysOf(1), 20);
      await using([queue.consume(consume)], async () => {
        await eventually(harness, async () => expect(await effectsOf(harness, "poisoned")).toHaveLength(19));
        expect((await effectsOf(harness, "poisoned")).map(({ value }) => value.n)).not.toContain(7);
        expect(await queue.deadLetters(10)).toMatchObject([
          { group: "poisoned", attempts: 5, record: { value: { n: 7 } }, error: "Error: it cannot be handled" },
        ]);
        expect(await stateOf(queue, "poisoned")).toMatchObject({ deadLetters: 1, events: 0 });
      });
    },
  },
  {
    name: "a record that takes its transaction down each time becomes a dead letter too",
    async run(harness) {
      const queue = await harness.open();
      const { consume } = poisoned("deadly", async (tx) => {
        await tx.query(sql("SELECT pg_terminate_backend(pg_backend_pid())"));
      });
      await appendTo(harness, keysOf(1), 20);
      await using([queue.consume({ ...consume, maxBatch: 4 })], async () => {
        await eventually(harness, async () => expect(await effectsOf(harness, "deadly")).toHaveLength(19));
        expect(await queue.deadLetters(10)).toMatchObject([{ group: "deadly", record: { value: { n: 7 } } }]);
      });
    },
  },
  {
    name: "a record whose handling never ends becomes a dead letter, with two consumers that take turns at it",
    async run(harness) {
      const { consume } = poisoned("hanging", () => new Promise(() => undefined));
      await appendTo(harness, keysOf(1), 20);
      const impatient = { ...consume, maxBatch: 4, maxHandleMs: 200 };
      const consumers = [(await harness.open()).consume(impatient), (await harness.open()).consume(impatient)];
      await using(consumers, async () => {
        await eventually(harness, async () => expect(await effectsOf(harness, "hanging")).toHaveLength(19));
        const letters = await (await harness.open()).deadLetters(10);
        expect(letters).toMatchObject([{ group: "hanging", record: { value: { n: 7 } } }]);
      });
    },
  },
  {
    name: "a dead letter that takes its transaction down when it is tried again is left in peace, and the next one is tried",
    async run(harness) {
      const queue = await harness.open();
      const { state, consume } = poisoned("replayed", refuse);
      const [key = "", other = ""] = keysOf(2);
      await harness.log.append([{ key, value: { n: 7 } }]);
      await harness.log.append([{ key: other, value: { n: 7 } }]);
      const hangsAt = { position: 0 };
      const handle: typeof consume.handle = async (tx, records) => {
        if (records.some(({ position }) => position === hangsAt.position)) await new Promise(() => undefined);
        await consume.handle(tx, records);
      };
      await using([queue.consume({ ...consume, handle, maxHandleMs: 200 })], async () => {
        await eventually(harness, async () => expect(await queue.deadLetters(10)).toHaveLength(2));
        state.isMended = true;
        hangsAt.position = 1;
        await queue.replay("all");
        await eventually(harness, async () =>
          expect(await queue.deadLetters(10)).toMatchObject([{ attempts: 6, isReplayRequested: false }]),
        );
        expect(await effectsOf(harness, "replayed")).toMatchObject([{ position: 2 }]);
      });
    },
  },
  {
    name: "a dead letter is tried again when somebody asks, and is gone once it was handled",
    async run(harness) {
      const queue = await harness.open();
      const { state, consume } = poisoned("mended", refuse);
      await appendTo(harness, keysOf(1), 10);
      await using([queue.consume(consume)], async () => {
        await eventually(harness, async () => expect(await queue.deadLetters(10)).toHaveLength(1));
        const [letter] = await queue.deadLetters(10);
        expect(await queue.replay([letter?.id ?? ""])).toBe(1);
        await eventually(harness, async () =>
          expect(await queue.deadLetters(10)).toMatchObject([{ attempts: 6, isReplayRequested: false }]),
        );
        state.isMended = true;
        expect(await queue.replay("all")).toBe(1);
        await eventually(harness, async () => expect(await queue.deadLetters(10)).toEqual([]));
        expect(await effectsOf(harness, "mended")).toHaveLength(10);
      });
    },
  },
  {
    name: "a handler may think for longer than a session may be idle",
    async run(harness) {
      const queue = await harness.open();
      const consume = consumeAs("thinking", {
        async handle(tx, records) {
          await tx.query(sql("SET LOCAL idle_in_transaction_session_timeout = '1s'"));
          await wait(2_000);
          await recordEffects("thinking")(tx, records);
        },
      });
      await appendTo(harness, keysOf(1), 3);
      await using([queue.consume(consume)], () => expectOnce(harness, "thinking", 3));
    },
  },
] as const satisfies ConformanceCase<QueueHarness>[];

const looks = [
  {
    name: "a rewind takes back what was done since, by whatever version, dead letters too, and does it again",
    async run(harness) {
      const queue = await harness.open();
      const { state, consume } = poisoned("rewound", refuse);
      const keys = keysOf(16);
      await appendTo(harness, keys, 300);
      await using([queue.consume(consume)], async () => {
        await eventually(harness, async () => expect(await effectsOf(harness, "rewound")).toHaveLength(299));
        state.isMended = true;
        // As a version would leave behind that did more than it should, and less.
        await harness.db.query(
          sql("INSERT INTO effects SELECT 0, group_name, key, position, value FROM effects WHERE position = 200"),
        );
        await harness.db.query(sql("DELETE FROM effects WHERE position = 100"));
        const before = await harness.db.query(sql<{ n: number }>("SELECT max(n) AS n FROM effects"));
        await queue.rewind("rewound", 5);
        await eventually(harness, async () => expect(await effectsOf(harness, "rewound")).toHaveLength(300));
        await expectOnce(harness, "rewound", 300);
        expect(await queue.deadLetters(10)).toEqual([]);
        const text = "SELECT count(*) AS n FROM effects WHERE n <= $1";
        expect(await harness.db.query(sql<{ n: number }>(text), [before[0]?.n])).toEqual([{ n: 4 }]);
      });
    },
  },
  {
    name: "a rewind of a group that never was, or further than the log goes back, is refused",
    async run(harness) {
      const queue = await harness.open();
      await appendTo(harness, keysOf(2), 10);
      await using([queue.consume(consumeAs("short"))], () => expectOnce(harness, "short", 10));
      await harness.log.dropUpTo(5);
      await expect(queue.rewind("nobody", 7)).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(queue.rewind("short", 4)).rejects.toMatchObject({ code: "BAD_REQUEST" });
      expect(await stateOf(queue, "short")).toMatchObject({ position: 10, rewindTo: null });
    },
  },
  {
    name: "lag is told in events and in seconds, by moment and position",
    async run(harness) {
      const queue = await harness.open();
      const [key = ""] = keysOf(1);
      const consumer = queue.consume(consumeAs("late"));
      await harness.log.append([{ key }]);
      await using([consumer], () =>
        eventually(harness, async () => expect(await stateOf(queue, "late")).toMatchObject({ events: 0, position: 1 })),
      );
      const loggedAt = new Date(Date.now() - 60_000);
      await harness.log.append([{ key, loggedAt }, { key }, { key, topic: "other" }]);
      const state = await stateOf(queue, "late");
      expect(state).toMatchObject({ events: 2, position: 1 });
      expect(state?.seconds).toBeGreaterThan(59);
      expect(state?.seconds).toBeLessThan(90);
      expect(await queue.positionBefore(new Date(loggedAt.getTime() + 1_000))).toBe(2);
    },
  },
  {
    name: "what a restore took back is forgotten, and what came in its place is handled",
    async run(harness) {
      const queue = await harness.open();
      const keys = keysOf(8);
      await using([queue.consume(consumeAs("restored"))], async () => {
        await appendTo(harness, keys, 100);
        await expectOnce(harness, "restored", 100);
      });
      await harness.log.restoreTo(60);
      await harness.db.query(sql("DELETE FROM effects WHERE position > 60"));
      await appendTo(harness, keys, 40);
      await using([queue.consume(consumeAs("restored"))], () => expectOnce(harness, "restored", 100));
    },
  },
] as const satisfies ConformanceCase<QueueHarness>[];

export const queueConformance = [...inOrder, ...faults, ...looks] as const;
