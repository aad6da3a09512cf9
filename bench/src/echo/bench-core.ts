import { type Core, createCore, processConfigOf } from "@echo/core";
import { databaseUrl, poolMax, processSchema, readConfig } from "@echo/platform";

const BenchEnvironment = processSchema({ DATABASE_URL: databaseUrl, DB_POOL_MAX: poolMax(10) });

/** A core as a process of Echo's makes it, from the same variables. */
export function openCore(environment: Readonly<Record<string, string | undefined>>): Promise<Core> {
  return createCore(processConfigOf("bench", readConfig(BenchEnvironment, environment)));
}
