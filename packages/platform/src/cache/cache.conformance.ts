import { expect, vi } from "vitest";
import { z } from "zod";
import type { ConformanceCase } from "../conformance/conformance.ts";
import type { Cache } from "./cache.ts";

export interface CacheHarness {
  cache: Cache;
  /** From now on the store does not answer. */
  makeUnavailable(): Promise<void>;
}

const words = (cache: Cache) => cache.space("words", z.string());
const minuteMs = 60_000;
const code = (name: string) => expect.objectContaining({ code: name });

/** Until the condition holds, at most 2 s; then its failed expectation is the outcome. */
const eventually = (condition: () => Promise<void>) => vi.waitFor(condition, { timeout: 2_000, interval: 5 });

export const cacheConformance = [
  {
    name: "what was set is read until it is deleted",
    async run({ cache }) {
      const people = cache.space("people", z.object({ name: z.string() }));
      await people.set("1", { name: "Ada" }, minuteMs);
      expect(await people.get("1")).toEqual({ name: "Ada" });
      await people.delete("1");
      expect(await people.get("1")).toBeNull();
    },
  },
  {
    name: "a value lives as long as its ttl, and no longer",
    async run({ cache }) {
      const space = words(cache);
      const ttlMs = 80;
      await space.set("long", "kept", minuteMs);
      const setAtMs = performance.now();
      await space.set("short", "gone", ttlMs);
      await eventually(async () => expect(await space.get("short")).toBeNull());
      expect(performance.now() - setAtMs).toBeGreaterThan(ttlMs - 5);
      expect(await space.get("long")).toBe("kept");
    },
  },
  {
    name: "ttl tells the milliseconds left, null without a key",
    async run({ cache }) {
      const space = words(cache);
      await space.set("a", "1", minuteMs);
      const left = await space.ttl("a");
      expect(left).toBeGreaterThan(minuteMs - 5_000);
      expect(left).toBeLessThanOrEqual(minuteMs);
      expect(await space.ttl("unknown")).toBeNull();
    },
  },
  {
    name: "setting a value again begins its ttl anew",
    async run({ cache }) {
      const space = words(cache);
      await space.set("a", "1", 1_000);
      await space.set("a", "2", minuteMs);
      expect(await space.ttl("a")).toBeGreaterThan(1_000);
      expect(await space.get("a")).toBe("2");
    },
  },
  {
    name: "expire moves the end of a key, and says when there is none",
    async run({ cache }) {
      const space = words(cache);
      await space.set("a", "1", minuteMs);
      expect(await space.expire("a", 2 * minuteMs)).toBe(true);
      expect(await space.ttl("a")).toBeGreaterThan(minuteMs);
      expect(await space.expire("a", 1)).toBe(true);
      await eventually(async () => expect(await space.get("a")).toBeNull());
      expect(await space.expire("a", minuteMs)).toBe(false);
      expect(await space.get("a")).toBeNull();
    },
  },
  {
    name: "getMany answers in the order of its keys, null for each miss",
    async run({ cache }) {
      const space = words(cache);
      await space.setMany(
        [
          ["a", "1"],
          ["b", "2"],
          ["c", "3"],
        ],
        minuteMs,
      );
      expect(await space.getMany(["c", "x", "a", "c", "y", "b"])).toEqual(["3", null, "1", "3", null, "2"]);
      expect(await space.getMany([])).toEqual([]);
    },
  },
  {
    name: "setMany gives each value the ttl",
    async run({ cache }) {
      const space = words(cache);
      await space.setMany(
        [
          ["a", "1"],
          ["b", "2"],
        ],
        minuteMs,
      );
      for (const key of ["a", "b"]) expect(await space.ttl(key)).toBeGreaterThan(minuteMs - 5_000);
    },
  },
  {
    name: "addMany sets what has no value and leaves the others, their ttl too",
    async run({ cache }) {
      const space = words(cache);
      await space.set("a", "1", 5_000);
      await space.addMany(
        [
          ["a", "2"],
          ["b", "3"],
        ],
        minuteMs,
      );
      expect(await space.getMany(["a", "b"])).toEqual(["1", "3"]);
      expect(await space.ttl("a")).toBeLessThanOrEqual(5_000);
      expect(await space.ttl("b")).toBeGreaterThan(5_000);
      await space.delete("a");
      await space.addMany([["a", "4"]], minuteMs);
      expect(await space.get("a")).toBe("4");
    },
  },
  {
    name: "increment counts every one of 32 concurrent writers",
    async run({ cache }) {
      const counters = cache.counters("hits");
      const write = async () => {
        const sums: number[] = [];
        for (let round = 0; round < 50; round += 1) sums.push(await counters.increment("page", 1, minuteMs));
        return sums;
      };
      const sums = (await Promise.all(Array.from({ length: 32 }, write))).flat();
      expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_600 }, (_, index) => index + 1));
      expect(await counters.get("page")).toBe(1_600);
    },
  },
  {
    name: "a counter begins at 0, takes any step and is forgotten by delete",
    async run({ cache }) {
      const counters = cache.counters("hits");
      expect(await counters.get("page")).toBe(0);
      expect(await counters.increment("page", 5, minuteMs)).toBe(5);
      expect(await counters.increment("page", -2, minuteMs)).toBe(3);
      await counters.delete("page");
      expect(await counters.get("page")).toBe(0);
    },
  },
  {
    name: "a counter ends its ttl after its first increment, however many follow",
    async run({ cache }) {
      const counters = cache.counters("hits");
      await counters.increment("page", 1, 1_000);
      await counters.increment("page", 1, minuteMs);
      expect(await counters.ttl("page")).toBeLessThanOrEqual(1_000);
      expect(await counters.expire("page", 1)).toBe(true);
      await eventually(async () => expect(await counters.get("page")).toBe(0));
    },
  },
  {
    name: "a value over 64 KiB of JSON is refused and leaves nothing behind",
    async run({ cache }) {
      const space = words(cache);
      await expect(space.set("big", "ä".repeat(32_768), minuteMs)).rejects.toEqual(code("PAYLOAD_TOO_LARGE"));
      const entries = [
        ["small", "1"],
        ["big", "x".repeat(65_535)],
      ] as const;
      await expect(space.setMany(entries, minuteMs)).rejects.toEqual(code("PAYLOAD_TOO_LARGE"));
      expect(await space.getMany(["big", "small"])).toEqual([null, null]);
      await space.set("fits", "x".repeat(65_534), minuteMs);
      expect(await space.get("fits")).toHaveLength(65_534);
    },
  },
  {
    name: "a store that does not answer is UNAVAILABLE on every call",
    async run({ cache, makeUnavailable }) {
      const [space, counters] = [words(cache), cache.counters("hits")];
      await makeUnavailable();
      const calls = [
        () => space.get("a"),
        () => space.set("a", "1", minuteMs),
        () => space.delete("a"),
        () => space.getMany(["a", "b"]),
        () => space.setMany([["a", "1"]], minuteMs),
        () => space.addMany([["a", "1"]], minuteMs),
        () => space.expire("a", minuteMs),
        () => space.ttl("a"),
        () => counters.increment("a", 1, minuteMs),
        () => counters.get("a"),
        () => counters.delete("a"),
        () => counters.expire("a", minuteMs),
        () => counters.ttl("a"),
        () => cache.ping(),
      ];
      for (const call of calls) await expect(call()).rejects.toEqual(code("UNAVAILABLE"));
    },
  },
  {
    name: "nothing leaks from one prefix into another, nor from values into counters",
    async run({ cache }) {
      const [a, ab] = [cache.space("a", z.string()), cache.space("ab", z.string())];
      await a.set("bc", "1", minuteMs);
      await a.set("b:c", "2", minuteMs);
      await cache.counters("a").increment("bc", 7, minuteMs);
      expect(await ab.getMany(["c", "bc", "b:c"])).toEqual([null, null, null]);
      expect(await a.getMany(["bc", "b:c"])).toEqual(["1", "2"]);
      await ab.delete("c");
      await cache.counters("a").delete("b:c");
      expect(await a.getMany(["bc", "b:c"])).toEqual(["1", "2"]);
      for (const prefix of ["", "a:b", "a#"]) expect(() => cache.space(prefix, z.string())).toThrow(RangeError);
    },
  },
  {
    name: "a stored value that does not fit the schema is a miss",
    async run({ cache }) {
      await cache.space("words", z.int()).set("a", 1, minuteMs);
      expect(await words(cache).get("a")).toBeNull();
      expect(await words(cache).getMany(["a"])).toEqual([null]);
    },
  },
  {
    name: "changing what was set or read changes nothing in the cache",
    async run({ cache }) {
      const people = cache.space("people", z.object({ name: z.string() }));
      const written = { name: "Ada" };
      await people.set("1", written, minuteMs);
      written.name = "Eve";
      const read = await people.get("1");
      if (read) read.name = "Eve";
      expect(await people.get("1")).toEqual({ name: "Ada" });
    },
  },
  {
    name: "a ttl or a step that is no whole number is refused",
    async run({ cache }) {
      for (const ttlMs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expect(words(cache).set("a", "1", ttlMs)).rejects.toBeInstanceOf(RangeError);
        await expect(words(cache).expire("a", ttlMs)).rejects.toBeInstanceOf(RangeError);
        await expect(cache.counters("hits").increment("a", 1, ttlMs)).rejects.toBeInstanceOf(RangeError);
      }
      await expect(cache.counters("hits").increment("a", 0.5, minuteMs)).rejects.toBeInstanceOf(RangeError);
    },
  },
  {
    name: "ping answers in milliseconds",
    async run({ cache }) {
      expect(await cache.ping()).toBeGreaterThanOrEqual(0);
    },
  },
] as const satisfies ConformanceCase<CacheHarness>[];
