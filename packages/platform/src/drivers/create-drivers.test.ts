import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { createManualClock, systemClock } from "../clock/clock.ts";
import { type Check, createHealth } from "../health/health.ts";
import { createLogger } from "../logger/create-logger.ts";
import { createDrivers, type Drivers } from "./create-drivers.ts";

const logger = createLogger({ service: "test", destination: { write: () => undefined } });

/** As core asks them. */
const checksOf = ({ cache, bus }: Drivers): Record<string, Check> => ({
  cache: { probe: () => cache.ping(), isVital: false },
  bus: { probe: () => bus.ping(), isVital: false },
});

test("without Redis the drivers are this process and its PostgreSQL, and readiness asks them", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const drivers = await createDrivers({ db: database.db, logger, clock: systemClock, redis: null });
  const health = createHealth({ service: "api", version: "1", clock: createManualClock(), checks: checksOf(drivers) });

  const ready = await health.ready();

  expect([drivers.cache, drivers.bus, drivers.limits].map(({ driver }) => driver.name)).toEqual([
    "memory",
    "postgres",
    "memory",
  ]);
  expect(ready).toMatchObject({ status: "healthy", checks: { cache: { status: "up" }, bus: { status: "up" } } });
  await drivers.close();
});

test("closed drivers answer UNAVAILABLE, and readiness is degraded", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const drivers = await createDrivers({ db: database.db, logger, clock: systemClock, redis: null });
  const health = createHealth({ service: "api", version: "1", clock: createManualClock(), checks: checksOf(drivers) });

  await drivers.close();

  await expect(drivers.cache.ping()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(drivers.limits.ping()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(await health.ready()).toMatchObject({ status: "degraded", checks: { bus: { status: "down" } } });
});
