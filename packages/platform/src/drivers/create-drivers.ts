import type { Db } from "@echo/db";
import type { Bus } from "../bus/bus.ts";
import { createPostgresBus } from "../bus/postgres-bus.ts";
import type { Cache } from "../cache/cache.ts";
import { createCache } from "../cache/create-cache.ts";
import { createMemoryStore } from "../cache/memory-store.ts";
import type { Clock } from "../clock/clock.ts";
import type { Check } from "../health/health.ts";
import type { Limits } from "../limits/limits.ts";
import { createMemoryLimits } from "../limits/memory-limits.ts";
import type { Logger } from "../logger/logger.ts";

export interface DriverOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
}

export interface Drivers {
  cache: Cache;
  bus: Bus;
  limits: Limits;
  /** What readiness asks; without any of them the process serves on, degraded. */
  checks: Record<"cache" | "bus", Check>;
  close(): Promise<void>;
}

/**
 * The one place that knows which drivers run: the embedded ones.
 * @throws EchoError UNAVAILABLE when the database cannot be listened to
 */
export async function createDrivers({ db, logger, clock }: DriverOptions): Promise<Drivers> {
  const cache = createCache(createMemoryStore());
  const limits = createMemoryLimits({ clock });
  const bus = await createPostgresBus({ db, logger, clock });
  return {
    cache,
    bus,
    limits,
    checks: {
      cache: { probe: () => cache.ping(), isVital: false },
      bus: { probe: () => bus.ping(), isVital: false },
    },
    async close() {
      await bus.close();
      await limits.close();
      await cache.close();
    },
  };
}
