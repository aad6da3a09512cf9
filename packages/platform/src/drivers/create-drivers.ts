import type { Db } from "@echo/db";
import type { Bus } from "../bus/bus.ts";
import { createBus } from "../bus/create-bus.ts";
import { postgresTransport } from "../bus/postgres-transport.ts";
import { redisTransport } from "../bus/redis-transport.ts";
import type { Cache } from "../cache/cache.ts";
import { createCache } from "../cache/create-cache.ts";
import { createMemoryStore } from "../cache/memory-store.ts";
import { createRedisStore } from "../cache/redis-store.ts";
import type { Clock } from "../clock/clock.ts";
import { insureLimits } from "../limits/insured-limits.ts";
import type { Limits } from "../limits/limits.ts";
import { createMemoryLimits } from "../limits/memory-limits.ts";
import { createRedisLimits } from "../limits/redis-limits.ts";
import type { Logger } from "../logger/logger.ts";
import { connectRedis } from "../redis/redis-connection.ts";
import { databaseOf, type RedisOptions } from "../redis/redis-options.ts";

export interface DriverOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
  /** Null: the embedded drivers. */
  redis: RedisOptions | null;
}

export interface Drivers {
  cache: Cache;
  bus: Bus;
  limits: Limits;
  close(): Promise<void>;
}

/**
 * The one place that knows which drivers run.
 * @throws EchoError UNAVAILABLE when the database cannot be listened to, PRECONDITION_FAILED when Redis refuses us; a Redis
 * that does not answer is waited for without stopping anybody
 */
export function createDrivers(options: DriverOptions): Promise<Drivers> {
  const { redis } = options;
  return redis === null ? createEmbedded(options) : createScaled({ ...options, redis });
}

async function createEmbedded({ db, logger, clock }: DriverOptions): Promise<Drivers> {
  const bus = await createBus({ transports: [postgresTransport(db)], logger, clock });
  return withClose({ cache: createCache(createMemoryStore()), bus, limits: createMemoryLimits({ clock }) });
}

async function createScaled(options: DriverOptions & { redis: RedisOptions }): Promise<Drivers> {
  const { db, logger, clock, redis } = options;
  const prefix = redis.prefix ?? "echo";
  const connection = await connectRedis({ options: redis, logger, clock });
  const close = () => connection.close();
  const viaRedis = redisTransport({ connection, redis, prefix: `${prefix}:bus:${databaseOf(redis)}`, logger });
  try {
    const bus = await createBus({ transports: [viaRedis, postgresTransport(db)], logger, clock });
    const limits = insureLimits(createRedisLimits({ connection, prefix }), createMemoryLimits({ clock }));
    return withClose({ cache: createCache(createRedisStore({ connection, prefix })), bus, limits }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function withClose(drivers: Omit<Drivers, "close">, closeConnection?: () => Promise<void>): Drivers {
  return {
    ...drivers,
    async close() {
      await drivers.bus.close();
      await drivers.limits.close();
      await drivers.cache.close();
      await closeConnection?.();
    },
  };
}
