import { LRUCache } from "lru-cache";
import { unavailable } from "../errors.ts";
import type { KeyValueStore } from "./key-value-store.ts";

export interface MemoryStoreOptions {
  /** Keys at most; the least recently used goes. Default 100,000. */
  maxKeys?: number;
  /** UTF-16 units of keys and values together at most. Default 64 Mi. */
  maxUnits?: number;
}

/** An LRU in this process: bounded twice, forgets what is old or out of time. */
export function createMemoryStore({
  maxKeys = 100_000,
  maxUnits = 67_108_864,
}: MemoryStoreOptions = {}): KeyValueStore {
  const texts = new LRUCache<string, string>({
    max: maxKeys,
    ttlResolution: 0,
    maxSize: maxUnits,
    sizeCalculation: (text, key) => text.length + key.length,
  });
  let isClosed = false;
  const open = () => {
    if (isClosed) throw unavailable("The cache is closed");
    return texts;
  };
  return {
    driver: { name: "memory", isShared: false },
    getMany: async (keys) => keys.map((key) => open().get(key) ?? null),
    async setMany(entries, ttlMs) {
      for (const [key, text] of entries) open().set(key, text, { ttl: ttlMs });
    },
    async addMany(entries, ttlMs) {
      for (const [key, text] of entries) if (!open().has(key)) texts.set(key, text, { ttl: ttlMs });
    },
    async delete(key) {
      open().delete(key);
    },
    async expire(key, ttlMs) {
      const text = open().get(key);
      if (text !== undefined) texts.set(key, text, { ttl: ttlMs });
      return text !== undefined;
    },
    async ttl(key) {
      return open().has(key) ? Math.ceil(texts.getRemainingTTL(key)) : null;
    },
    async increment(key, by, ttlMs) {
      const sum = Number(open().get(key) ?? 0) + by;
      texts.set(key, String(sum), { ttl: ttlMs, noUpdateTTL: true });
      return sum;
    },
    async ping() {
      open();
      return 0;
    },
    async close() {
      isClosed = true;
      texts.clear();
    },
  };
}
