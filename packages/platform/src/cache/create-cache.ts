import type { z } from "zod";
import { internal, payloadTooLarge } from "../errors.ts";
import type { Cache, CacheSpace, CounterSpace } from "./cache.ts";
import type { KeyValueStore } from "./key-value-store.ts";

const maxValueBytes = 65_536;

/** Spaces and counters over any store: keys, JSON, schemas and bounds are the same whatever holds them. */
export function createCache(store: KeyValueStore): Cache {
  return {
    driver: store.driver,
    space: (prefix, schema) => createSpace(store, keysOf(prefix, ":"), schema),
    counters: (prefix) => createCounters(store, keysOf(prefix, "#")),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

type ToKey = (key: string) => string;

/** The first separator ends the prefix, so that no two prefixes share a key. */
function keysOf(prefix: string, separator: ":" | "#"): ToKey {
  if (!/^[A-Za-z0-9_-]+$/.test(prefix)) throw new RangeError(`"${prefix}" cannot be a prefix of keys`);
  return (key) => `${prefix}${separator}${key}`;
}

function createSpace<T>(store: KeyValueStore, toKey: ToKey, schema: z.ZodType<T>): CacheSpace<T> {
  const parse = (text: string | null | undefined): T | null => {
    if (text === null || text === undefined) return null;
    const result = schema.safeParse(parseJson(text));
    return result.success ? result.data : null;
  };
  const getMany = async (keys: readonly string[]) => (await store.getMany(keys.map(toKey))).map(parse);
  const toEntries = (entries: readonly (readonly [string, T])[]) =>
    entries.map(([key, value]) => [toKey(key), toJson(value)] as const);
  const setMany = async (entries: readonly (readonly [string, T])[], ttlMs: number) =>
    store.setMany(toEntries(entries), checkedTtl(ttlMs));
  return {
    getMany,
    setMany,
    addMany: async (entries, ttlMs) => store.addMany(toEntries(entries), checkedTtl(ttlMs)),
    get: async (key) => (await getMany([key]))[0] ?? null,
    set: (key, value, ttlMs) => setMany([[key, value]], ttlMs),
    delete: (key) => store.delete(toKey(key)),
    expire: async (key, ttlMs) => store.expire(toKey(key), checkedTtl(ttlMs)),
    ttl: (key) => store.ttl(toKey(key)),
  };
}

function createCounters(store: KeyValueStore, toKey: ToKey): CounterSpace {
  return {
    async increment(key, by, ttlMs) {
      if (!Number.isSafeInteger(by)) throw new RangeError(`A counter cannot grow by ${by}`);
      return store.increment(toKey(key), by, checkedTtl(ttlMs));
    },
    get: async (key) => Number((await store.getMany([toKey(key)]))[0] ?? 0),
    delete: (key) => store.delete(toKey(key)),
    expire: async (key, ttlMs) => store.expire(toKey(key), checkedTtl(ttlMs)),
    ttl: (key) => store.ttl(toKey(key)),
  };
}

function checkedTtl(ttlMs: number): number {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) throw new RangeError(`${ttlMs} is no time to live in milliseconds`);
  return ttlMs;
}

function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw internal("A cached value must be JSON");
  const bytes = Buffer.byteLength(text);
  if (bytes > maxValueBytes) throw payloadTooLarge(`A cached value of ${bytes} bytes is over ${maxValueBytes}`);
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
