import type { Db } from "@echo/db";
import { createDrivers, createLogger, type Drivers, systemClock } from "@echo/platform";
import { type Check, fine } from "./finding.ts";

const names = ["cache", "bus", "limits"] as const;

/** Each driver that the configuration chooses, and whether it answers. */
export function checkDrivers(drivers: Drivers): Check[] {
  return names.map((name) => ({
    name,
    mend: "export DATABASE_DIRECT_URL=postgresql://user:password@host:port/database",
    work: async () => {
      const { driver } = drivers[name];
      return fine(`${driver.name}, answers in ${(await drivers[name].ping()).toFixed(1)} ms`);
    },
  }));
}

export const openDrivers = (db: Db): Promise<Drivers> =>
  createDrivers({ db, logger: createLogger({ service: "echoctl", level: "fatal" }), clock: systemClock });
