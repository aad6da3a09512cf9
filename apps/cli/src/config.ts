import { resolve } from "node:path";
import { embeddedEnvironment, port, processSchema, readConfig } from "@echo/platform";
import type { z } from "zod";

const schema = processSchema({
  API_PORT: port(8080),
  API_INTERNAL_PORT: port(9080),
  REALTIME_PORT: port(8083),
  REALTIME_INTERNAL_PORT: port(9083),
  WORKER_INTERNAL_PORT: port(8086),
  DEMO_PORT: port(3001),
  POSTGRES_PORT: port(0),
});

/** A secret is made or read once the folder is known; until then the shared schema gets one that nobody uses. */
const placeholderSecret = "A".repeat(43);

export type CliConfig = z.infer<typeof schema> & {
  /** Absolute. */
  home: string;
  /** DATABASE_URL is not set: the database is ECHO_HOME's own. */
  isEmbedded: boolean;
};

/** @throws ConfigError that names every fault */
export function readCliConfig(environment: NodeJS.ProcessEnv): CliConfig {
  const config = readConfig(schema, { ECHO_SECRET: placeholderSecret, ...environment });
  return { ...config, home: resolve(config.ECHO_HOME), isEmbedded: config.DATABASE_URL === undefined };
}

/** What the processes of a stack inherit: the operator's own variables, then what is known by now. */
export function processEnvironment(
  environment: NodeJS.ProcessEnv,
  known: { databaseUrl: string; secret: string; isEmbedded: boolean },
): Record<string, string> {
  const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...(known.isEmbedded ? embeddedEnvironment : {}),
    ...Object.fromEntries(given),
    DATABASE_URL: known.databaseUrl,
    ECHO_SECRET: known.secret,
  };
}
