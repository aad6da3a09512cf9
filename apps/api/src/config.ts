import { type ProcessConfig, processConfigOf } from "@echo/core";
import { databaseUrl, poolMax, port, processSchema, readConfig } from "@echo/platform";
import manifest from "../package.json" with { type: "json" };

const ApiEnvironment = processSchema({
  DATABASE_URL: databaseUrl,
  API_PORT: port(8080),
  API_INTERNAL_PORT: port(9080),
  DB_POOL_MAX: poolMax(25),
});

/** What the HTTP face of the API needs. */
export interface ApiConfig {
  host: string;
  /** 0: any free one. */
  port: number;
  internalHost: string;
  internalPort: number;
  /** Pages that may read answers; ECHO_ORIGINS. */
  origins: readonly string[];
  trustedProxies: readonly string[];
  /** Largest body, and the largest of a request that carries credentials. */
  maxBodyBytes: number;
  maxAuthBodyBytes: number;
  /** Until the headers are there; until the request is there, and until it is answered. */
  timeouts: { headersMs: number; requestMs: number };
  /** At a stop: how long connections that are open may stay open, told to close with their next answer. */
  drainMs: number;
  version: string;
}

/** docs/product.md "Fixed figures" and security.md "HTTP". */
export const apiDefaults = {
  maxBodyBytes: 256 * 1_024,
  maxAuthBodyBytes: 8 * 1_024,
  timeouts: { headersMs: 10_000, requestMs: 30_000 },
  drainMs: 2_000,
  version: manifest.version,
};

/** @throws ConfigError that names every fault */
export function readApiConfig(environment: Readonly<Record<string, string | undefined>>): {
  core: ProcessConfig;
  api: ApiConfig;
} {
  const read = readConfig(ApiEnvironment, environment);
  const api = {
    ...apiDefaults,
    host: read.ECHO_HOST,
    port: read.API_PORT,
    internalHost: read.ECHO_INTERNAL_HOST,
    internalPort: read.API_INTERNAL_PORT,
    origins: read.ECHO_ORIGINS,
    trustedProxies: read.ECHO_TRUSTED_PROXIES,
  };
  return { core: processConfigOf("api", read), api };
}
