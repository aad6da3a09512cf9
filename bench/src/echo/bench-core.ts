import { type Core, createCore, type ProcessConfig, processConfigOf } from "@echo/core";
import { databaseUrl, poolMax, processSchema, readConfig } from "@echo/platform";

const BenchEnvironment = processSchema({ DATABASE_URL: databaseUrl, DB_POOL_MAX: poolMax(10) });

type Environment = Readonly<Record<string, string | undefined>>;

/** As a process of Echo's reads it, from the same variables. */
export const readBenchConfig = (environment: Environment): ProcessConfig =>
  processConfigOf("bench", readConfig(BenchEnvironment, environment));

/** A core as a process of Echo's makes it. */
export const openCore = (environment: Environment): Promise<Core> => createCore(readBenchConfig(environment));
