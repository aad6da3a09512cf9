import { expect, test } from "vitest";
import { z } from "zod";
import { cacheConformance } from "./cache.conformance.ts";
import type { Cache, CacheSpace, CounterSpace } from "./cache.ts";
import { createCache } from "./create-cache.ts";
import { createMemoryStore } from "./memory-store.ts";

type CaseName = (typeof cacheConformance)[number]["name"];
type Plant = (cache: Cache) => Cache;
const hourMs = 3_600_000;

/** The driver with some calls of its spaces replaced. */
const inSpaces =
  (change: (space: CacheSpace<unknown>) => Partial<CacheSpace<unknown>>): Plant =>
  (cache) => ({
    ...cache,
    // The fault is the same whatever the values are.
    space: <T>(prefix: string, schema: z.ZodType<T>) => {
      const space = cache.space(prefix, schema);
      return { ...space, ...(change(space as CacheSpace<unknown>) as Partial<CacheSpace<T>>) };
    },
  });

const inCounters =
  (change: (counters: CounterSpace) => Partial<CounterSpace>): Plant =>
  (cache) => ({
    ...cache,
    counters: (prefix) => {
      const counters = cache.counters(prefix);
      return { ...counters, ...change(counters) };
    },
  });

/** For each promise a driver that breaks it. */
const plants: Record<CaseName, Plant> = {
  "what was set is read until it is deleted": inSpaces(() => ({ delete: async () => undefined })),
  "a value lives as long as its ttl, and no longer": inSpaces((space) => ({
    set: (key, value) => space.set(key, value, hourMs),
  })),
  "ttl tells the milliseconds left, null without a key": inSpaces((space) => ({
    ttl: async (key) => (await space.ttl(key)) ?? 0,
  })),
  "setting a value again begins its ttl anew": inSpaces((space) => ({
    async set(key, value, ttlMs) {
      await space.set(key, value, (await space.ttl(key)) ?? ttlMs);
    },
  })),
  "expire moves the end of a key, and says when there is none": inSpaces((space) => ({
    async expire(key, ttlMs) {
      await space.expire(key, ttlMs);
      return true;
    },
  })),
  "getMany answers in the order of its keys, null for each miss": inSpaces((space) => ({
    getMany: async (keys) => (await space.getMany(keys)).filter((value) => value !== null),
  })),
  "setMany gives each value the ttl": inSpaces((space) => ({
    setMany: (entries) => space.setMany(entries, 1_000),
  })),
  "addMany sets what has no value and leaves the others, their ttl too": inSpaces((space) => ({
    addMany: space.setMany,
  })),
  "increment counts every one of 32 concurrent writers": inCounters((counters) => ({
    async increment(key, by, ttlMs) {
      const before = await counters.get(key);
      await Promise.all([counters.delete(key), counters.increment(key, before + by, ttlMs)]);
      return counters.get(key);
    },
  })),
  "a counter begins at 0, takes any step and is forgotten by delete": inCounters((counters) => ({
    increment: (key, by, ttlMs) => counters.increment(key, Math.sign(by), ttlMs),
  })),
  "a counter ends its ttl after its first increment, however many follow": inCounters((counters) => ({
    async increment(key, by, ttlMs) {
      const sum = await counters.increment(key, by, ttlMs);
      await counters.expire(key, ttlMs);
      return sum;
    },
  })),
  "a value over 64 KiB of JSON is refused and leaves nothing behind": inSpaces((space) => ({
    async setMany(entries, ttlMs) {
      for (const entry of entries) await space.setMany([entry], ttlMs);
    },
  })),
  "a store that does not answer is UNAVAILABLE on every call": inSpaces((space) => ({
    get: (key) => space.get(key).catch(() => null),
  })),
  "nothing leaks from one prefix into another, nor from values into counters": (cache) => ({
    ...cache,
    space: (_prefix, schema) => cache.space("all", schema),
  }),
  "a stored value that does not fit the schema is a miss": (cache) => ({
    ...cache,
    // Believes what it holds, as a driver without schemas would.
    space: <T>(prefix: string) => cache.space(prefix, z.any()) as CacheSpace<T>,
  }),
  "changing what was set or read changes nothing in the cache": inSpaces((space) => {
    const kept = new Map<string, unknown>();
    return {
      async set(key, value, ttlMs) {
        kept.set(key, value);
        await space.set(key, value, ttlMs);
      },
      get: async (key) => kept.get(key) ?? null,
    };
  }),
  "a ttl or a step that is no whole number is refused": inSpaces((space) => ({
    set: (key, value, ttlMs) => space.set(key, value, Math.max(1, Math.ceil(ttlMs) || 1)),
  })),
  "ping answers in milliseconds": (cache) => ({ ...cache, ping: async () => -1 }),
};

test.each(cacheConformance)("a planted fault is found: $name", async ({ name, run }) => {
  const cache = plants[name](createCache(createMemoryStore()));
  const makeUnavailable = () => cache.close();

  await expect(run({ cache, makeUnavailable })).rejects.toHaveProperty("name", "AssertionError");
});
