import type { RedisConnection } from "../redis/redis-connection.ts";
import type { KeyValueStore } from "./key-value-store.ts";

interface RedisStoreOptions {
  connection: RedisConnection;
  /** Begins every key. */
  prefix: string;
}

const probeTtlMs = 1_000;

/** A new counter gets its ttl in the same step, so that none can live for ever. */
const incrementScript = `local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum`;

/** Text in Redis, which processes share; what the server evicts is a miss. */
export function createRedisStore({ connection, prefix }: RedisStoreOptions): KeyValueStore {
  const nameOf = (key: string) => `${prefix}:cache:${key}`;
  return {
    driver: { name: "redis", isShared: true },
    getMany: async (keys) => (keys.length === 0 ? [] : connection.run((redis) => redis.mget(keys.map(nameOf)))),
    async setMany(entries, ttlMs) {
      await connection.run((redis) =>
        Promise.all(entries.map(([key, text]) => redis.set(nameOf(key), text, "PX", ttlMs))),
      );
    },
    async addMany(entries, ttlMs) {
      await connection.run((redis) =>
        Promise.all(entries.map(([key, text]) => redis.set(nameOf(key), text, "PX", ttlMs, "NX"))),
      );
    },
    async delete(key) {
      await connection.run((redis) => redis.unlink(nameOf(key)));
    },
    expire: async (key, ttlMs) => (await connection.run((redis) => redis.pexpire(nameOf(key), ttlMs))) === 1,
    async ttl(key) {
      const leftMs = await connection.run((redis) => redis.pttl(nameOf(key)));
      return leftMs < 0 ? null : leftMs;
    },
    increment: async (key, by, ttlMs) =>
      Number(await connection.run((redis) => redis.eval(incrementScript, 1, nameOf(key), by, ttlMs))),
    async ping() {
      const startedMs = performance.now();
      // A write: a server without memory answers PING and takes nothing.
      await connection.run((redis) => redis.set(`${prefix}:probe`, "1", "PX", probeTtlMs));
      return performance.now() - startedMs;
    },
    /** The connection is of whoever opened it. */
    close: async () => undefined,
  };
}
