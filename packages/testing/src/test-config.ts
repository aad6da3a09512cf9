import type { ApiConfig } from "@echo/api";
import { apiDefaults } from "@echo/api";
import type { ProcessConfig } from "@echo/core";
import { createLimitPolicies, defaultLifetimes } from "@echo/platform";
import { type Overrides, type RealtimeConfig, realtimeDefaults } from "@echo/realtime";
import { patientMs } from "./create-test-database.ts";

/** What a test may change of a node. */
export interface TestConfig {
  core?: Partial<ProcessConfig>;
  api?: Partial<ApiConfig>;
  realtime?: Partial<RealtimeConfig>;
  /** A fault that is planted in the hub. */
  overrides?: Overrides;
}

/**
 * The written policy of tests: wide enough that a suite never meets it by accident, and never off. A test of a limit
 * passes its own.
 */
export const testLimits = createLimitPolicies({
  anonymous: { limit: 1_000_000 },
  user: { burst: 100_000, perSecond: 100_000 },
  ipCeiling: { limit: 10_000_000 },
  send: { burst: 100_000, perSecond: 100_000 },
  socket: { burst: 10_000, perSecond: 10_000 },
  socketsPerIpUnauthenticated: 10_000,
  register: { limit: 1_000_000 },
  hashing: { places: 1_000, perIp: 1_000 },
});

/** Of all nodes of one test, so that they share keys. */
const secret = new Uint8Array(32).fill(7);

/** No test waits for sockets to be sent away one by one. */
const hastyTimings = { ...realtimeDefaults.timings, drainMs: 0, leaveMs: 200 };

/** @param connectMs how long calls wait for a connection; undefined: as in production */
export const databaseConfigOf = (url: string, connectMs?: number): ProcessConfig["database"] => ({
  url,
  directUrl: url,
  poolMax: 10,
  namedStatements: true,
  ...(connectMs === undefined ? {} : { connectMs }),
});

/** One node on any free ports; passwords hash in a millisecond. */
export function testConfigOf(databaseUrl: string, { core, api, realtime }: TestConfig = {}) {
  const door = {
    host: "127.0.0.1",
    port: 0,
    internalHost: "127.0.0.1",
    internalPort: 0,
    origins: ["http://localhost:*"],
    trustedProxies: [],
  };
  const process: ProcessConfig = {
    service: "test",
    logLevel: "fatal",
    database: databaseConfigOf(databaseUrl, patientMs),
    redis: null,
    kafka: null,
    secret,
    previousSecret: null,
    issuer: "echo-test",
    emailVerification: "optional",
    argon2: { memoryKib: 64, passes: 1, parallelism: 1 },
    lifetimes: defaultLifetimes,
    limits: testLimits,
    consoleUrl: "https://console.test",
    logDays: 7,
    ...core,
  };
  return {
    core: process,
    api: { ...apiDefaults, ...door, drainMs: 0, ...api } satisfies ApiConfig,
    realtime: { ...realtimeDefaults, ...door, timings: hastyTimings, ...realtime } satisfies RealtimeConfig,
  };
}
