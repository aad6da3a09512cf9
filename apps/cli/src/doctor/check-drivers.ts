import type { Db } from "@echo/db";
import { createDrivers, createLogger, type Drivers, systemClock } from "@echo/platform";
import { type Check, type Finding, fine, look, lookAtAll } from "./finding.ts";

const names = ["cache", "bus", "limits"] as const;

/** Each driver that the configuration chooses, and whether it answers. @param redisUrl REDIS_URL, when it is set */
export async function examineDrivers(db: Db, redisUrl: string | undefined): Promise<Finding[]> {
  const mend = redisUrl
    ? 'redis-cli -u "$REDIS_URL" ping'
    : "export DATABASE_DIRECT_URL=postgresql://user:password@host:port/database";
  let drivers: Drivers | null = null;
  const finding = await look({
    name: "drivers",
    mend,
    work: async () => {
      drivers = await openDrivers(db, redisUrl);
      return fine(redisUrl ? `Redis at ${new URL(redisUrl).host}` : "embedded");
    },
  });
  if (drivers === null) return [finding];
  try {
    return [finding, ...(await lookAtAll(checksOf(drivers, mend)))];
  } finally {
    await (drivers as Drivers).close();
  }
}

function checksOf(drivers: Drivers, mend: string): Check[] {
  return names.map((name) => ({
    name,
    mend,
    work: async () => {
      const { driver } = drivers[name];
      return fine(`${driver.name}, answers in ${(await drivers[name].ping()).toFixed(1)} ms`);
    },
  }));
}

const openDrivers = (db: Db, redisUrl: string | undefined): Promise<Drivers> =>
  createDrivers({
    db,
    logger: createLogger({ service: "echoctl", level: "fatal" }),
    clock: systemClock,
    redis: redisUrl ? { url: redisUrl, connectionName: "echoctl doctor" } : null,
  });
