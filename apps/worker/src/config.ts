import { type ProcessConfig, processConfigOf } from "@echo/core";
import { databaseUrl, poolMax, port, processSchema, readConfig } from "@echo/platform";
import manifest from "../package.json" with { type: "json" };

const WorkerEnvironment = processSchema({
  DATABASE_URL: databaseUrl,
  WORKER_INTERNAL_PORT: port(8086),
  DB_POOL_MAX: poolMax(10),
});

/** What the consumers' process needs beside core. */
export interface WorkerConfig {
  internalHost: string;
  /** 0: any free one. */
  internalPort: number;
  /** Host names under which the port for operators answers. */
  origins: readonly string[];
  version: string;
}

/** @throws ConfigError that names every fault */
export function readWorkerConfig(environment: Readonly<Record<string, string | undefined>>): {
  core: ProcessConfig;
  worker: WorkerConfig;
} {
  const read = readConfig(WorkerEnvironment, environment);
  const worker = {
    internalHost: read.ECHO_INTERNAL_HOST,
    internalPort: read.WORKER_INTERNAL_PORT,
    origins: read.ECHO_ORIGINS,
    version: manifest.version,
  };
  return { core: processConfigOf("worker", read), worker };
}
