import { expect, vi } from "vitest";
import type { ConformanceCase } from "../conformance/conformance.ts";
import type { Bus } from "./bus.ts";

export interface BusHarness {
  /** A bus on the same store, as another process would have it. */
  open(): Promise<Bus>;
  /** A record that none of ours wrote, on the way that messages take. */
  publishRaw(record: string): Promise<void>;
  /** Ends every connection to the store; they may come back at once. */
  dropConnections(): Promise<void>;
  /** The store is away until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** How long a case waits for what must happen. */
  patienceMs: number;
}

const unavailable = expect.objectContaining({ code: "UNAVAILABLE" });

function eventually({ patienceMs }: BusHarness, condition: () => unknown): Promise<unknown> {
  return vi.waitFor(condition, { timeout: patienceMs, interval: 10 });
}

async function listen(bus: Bus, channel: string): Promise<unknown[]> {
  const heard: unknown[] = [];
  await bus.subscribe(channel, (payload) => heard.push(payload));
  return heard;
}

/** Returns when everything that this publisher sent before has reached the hearer. */
async function settle(harness: BusHarness, from: Bus, to: Bus): Promise<void> {
  const marks = await listen(to, "settle");
  await from.publish("settle", "mark");
  await eventually(harness, () => expect(marks).toContain("mark"));
}

async function openTwo({ open }: BusHarness): Promise<[Bus, Bus]> {
  return [await open(), await open()];
}

const hearing = [
  {
    name: "10,000 messages of 4 publishers reach 4 subscribers, each once and in its publisher's order",
    async run(harness) {
      const buses = await Promise.all(Array.from({ length: 4 }, harness.open));
      const heard = await Promise.all(buses.map((bus) => listen(bus, "load")));
      const publishAll = async (bus: Bus, from: number) => {
        for (let start = 0; start < 2_500; start += 100) {
          const burst = Array.from({ length: 100 }, (_, index) => ({ from, n: start + index }));
          await Promise.all(burst.map((message) => bus.publish("load", message)));
        }
      };
      await Promise.all(buses.map(publishAll));
      const expected = Array.from({ length: 2_500 }, (_, n) => n);
      for (const messages of heard as { from: number; n: number }[][]) {
        await eventually(harness, () => expect(messages.length).toBeGreaterThanOrEqual(10_000));
        for (const publisher of buses.keys()) {
          expect(messages.filter(({ from }) => from === publisher).map(({ n }) => n)).toEqual(expected);
        }
      }
    },
  },
  {
    name: "a publisher that subscribes hears itself",
    async run(harness) {
      const bus = await harness.open();
      const heard = await listen(bus, "a");
      await bus.publish("a", 1);
      await eventually(harness, () => expect(heard).toEqual([1]));
    },
  },
  {
    name: "a subscriber hears its channel and no other",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const [a, ab] = [await listen(to, "a"), await listen(to, "a:b")];
      await from.publish("a", 1);
      await from.publish("a:b", 2);
      await from.publish("b", 3);
      await settle(harness, from, to);
      expect([a, ab]).toEqual([[1], [2]]);
    },
  },
  {
    name: "order holds when nobody waits between two messages",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const heard = await listen(to, "a");
      const numbers = Array.from({ length: 500 }, (_, index) => index);
      await Promise.all(numbers.map((number) => from.publish("a", number)));
      await settle(harness, from, to);
      expect(heard).toEqual(numbers);
    },
  },
  {
    name: "equal messages of one moment all arrive",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const heard = await listen(to, "a");
      const long = "x".repeat(5_000);
      await Promise.all([1, 1, 1, long, long].map((payload) => from.publish("a", payload)));
      await settle(harness, from, to);
      expect(heard).toEqual([1, 1, 1, long, long]);
    },
  },
  {
    name: "any JSON arrives as it was",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const heard = await listen(to, "a");
      const payloads = [
        null,
        false,
        0,
        "",
        "a'b\"\\\n\u0000 \ud83d\udc4b \ud800",
        [],
        [1, [null]],
        { a: { b: ["ö"] } },
      ];
      await Promise.all(payloads.map((payload) => from.publish("a", payload)));
      await settle(harness, from, to);
      expect(heard).toEqual(payloads);
    },
  },
] as const satisfies ConformanceCase<BusHarness>[];

const bounds = [
  {
    name: "the largest message arrives, a larger one is PAYLOAD_TOO_LARGE and takes no other with it",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const channel = "c".repeat(64);
      const heard = await listen(to, channel);
      const largest = `ä${"x".repeat(from.maxPayloadBytes - 4)}`;
      const results = await Promise.allSettled(
        [1, `${largest}x`, largest, 2].map((payload) => from.publish(channel, payload)),
      );
      await settle(harness, from, to);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
      expect(results[1]).toMatchObject({ reason: { code: "PAYLOAD_TOO_LARGE" } });
      expect(heard).toEqual([1, largest, 2]);
    },
  },
  {
    name: "a channel's name that cannot travel is refused",
    async run({ open }) {
      const bus = await open();
      for (const channel of ["", "a b", 'a"', "ä", "c".repeat(65)]) {
        await expect(bus.publish(channel, 1)).rejects.toBeInstanceOf(RangeError);
        await expect(bus.subscribe(channel, () => undefined)).rejects.toBeInstanceOf(RangeError);
      }
    },
  },
  {
    name: "a malformed record from outside is dropped, and what follows arrives",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const heard = await listen(to, "a");
      for (const record of ["", "{", "null", "[]", '["a",1]', '[1,["a"]]', '[1,[2,"a"]]', '{"a":1}', "[1,2]"]) {
        await harness.publishRaw(record);
      }
      await from.publish("a", "after");
      await eventually(harness, () => expect(heard).toEqual(["after"]));
    },
  },
  {
    name: "a handler that throws takes nothing from the others",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      await to.subscribe("a", () => {
        throw new Error("the handler's own");
      });
      const heard = await listen(to, "a");
      await from.publish("a", 1);
      await from.publish("a", 2);
      await settle(harness, from, to);
      expect(heard).toEqual([1, 2]);
    },
  },
] as const satisfies ConformanceCase<BusHarness>[];

const ending = [
  {
    name: "unsubscribing is final: not even what is being delivered arrives",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const heard: unknown[] = [];
      const second = { unsubscribe: async () => undefined as unknown };
      await to.subscribe("a", () => void second.unsubscribe());
      Object.assign(second, await to.subscribe("a", (payload) => heard.push(payload)));
      await Promise.all([1, 2, 3].map((payload) => from.publish("a", payload)));
      await settle(harness, from, to);
      expect(heard).toEqual([]);
    },
  },
  {
    name: "ending one subscription of a channel leaves the others",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const calls = vi.fn();
      const first = await to.subscribe("a", calls);
      await to.subscribe("a", calls);
      await first.unsubscribe();
      await first.unsubscribe();
      await from.publish("a", 1);
      await settle(harness, from, to);
      expect(calls).toHaveBeenCalledTimes(1);
    },
  },
  {
    name: "a closed bus is UNAVAILABLE and silent, and the others go on",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const closed = await harness.open();
      const [silent, heard] = [await listen(closed, "a"), await listen(to, "a")];
      await closed.close();
      await expect(closed.publish("a", 0)).rejects.toEqual(unavailable);
      await expect(closed.subscribe("a", () => undefined)).rejects.toEqual(unavailable);
      await from.publish("a", 1);
      await settle(harness, from, to);
      expect([silent, heard]).toEqual([[], [1]]);
    },
  },
] as const satisfies ConformanceCase<BusHarness>[];

const living = [
  {
    name: "each reconnect is signalled, to those who still want to know, and what is published after it arrives",
    async run(harness) {
      const [from, to] = await openTwo(harness);
      const heard = await listen(to, "a");
      const [wants, wantsNoMore] = [vi.fn(), vi.fn()];
      to.onReconnect(wants);
      to.onReconnect(wantsNoMore)();
      for (const time of [1, 2]) {
        await harness.dropConnections();
        await eventually(harness, () => expect(wants).toHaveBeenCalledTimes(time));
        await eventually(harness, () => from.publish("a", time));
        await eventually(harness, () => expect(heard).toContain(time));
      }
      expect(wantsNoMore).not.toHaveBeenCalled();
    },
  },
  {
    name: "a heartbeat is heard about every second",
    async run(harness) {
      const bus = await harness.open();
      await eventually(harness, () => expect(bus.heartbeatAgeMs()).toBeLessThan(1_000));
      for (let beat = 0; beat < 2; beat += 1) {
        await eventually(harness, () => expect(bus.heartbeatAgeMs()).toBeGreaterThan(400));
        await eventually(harness, () => expect(bus.heartbeatAgeMs()).toBeLessThan(400));
      }
    },
  },
  {
    name: "while the store is away no heartbeat is heard, calls are UNAVAILABLE, and it mends by itself",
    async run(harness) {
      const bus = await harness.open();
      const heard = await listen(bus, "a");
      const isBack = vi.fn();
      bus.onReconnect(isBack);
      await eventually(harness, () => expect(bus.heartbeatAgeMs()).toBeLessThan(1_000));
      await harness.cut();
      await expect(bus.publish("a", "lost")).rejects.toEqual(unavailable);
      await expect(bus.ping()).rejects.toEqual(unavailable);
      await eventually(harness, () => expect(bus.heartbeatAgeMs()).toBeGreaterThan(1_500));
      await harness.mend();
      await eventually(harness, () => expect(isBack).toHaveBeenCalled());
      await eventually(harness, () => bus.publish("a", "found"));
      await eventually(harness, () => expect(heard).toContain("found"));
      expect(heard).not.toContain("lost");
      await eventually(harness, () => expect(bus.heartbeatAgeMs()).toBeLessThan(1_500));
    },
  },
  {
    name: "ping answers in milliseconds",
    async run({ open }) {
      expect(await (await open()).ping()).toBeGreaterThan(0);
    },
  },
] as const satisfies ConformanceCase<BusHarness>[];

export const busConformance = [...hearing, ...bounds, ...ending, ...living] as const;
