import { type ProcessConfig, processConfigOf } from "@echo/core";
import { databaseUrl, poolMax, port, processSchema, readConfig } from "@echo/platform";
import manifest from "../package.json" with { type: "json" };

const RealtimeEnvironment = processSchema({
  DATABASE_URL: databaseUrl,
  REALTIME_PORT: port(8083),
  REALTIME_INTERNAL_PORT: port(9083),
  DB_POOL_MAX: poolMax(10),
});

/** When things happen on a socket; all in milliseconds. */
export interface Timings {
  /** Until an HTTP request is there, the one for an upgrade too. */
  requestMs: number;
  /** Until the token must be there. */
  authMs: number;
  /** Silence after which the node asks, and after which the socket counts as dead. */
  heartbeatMs: number;
  deadMs: number;
  /** How long after its token ran out a socket may still be renewed. */
  expiryMs: number;
  /** How often the sessions of all sockets are looked up: finds the revocations that the bus lost. */
  sessionSweepMs: number;
  /** How long a socket waits for a place among those that attach. */
  attachWaitMs: number;
  /** How long it may keep that place; with what it has by then it connects again. */
  attachMs: number;
  /** How long one page of missed events may wait for the socket. */
  pageMs: number;
  /** How often cursors are looked at, and how old one may get before its client is told a newer one. */
  cursorLookMs: number;
  cursorAgeMs: number;
  /** From the close frame to the end of the socket. */
  closeMs: number;
  /** Over how long the sockets are sent away at a stop, and how long they then have to go. */
  drainMs: number;
  leaveMs: number;
}

/** What the hub's door needs. */
export interface RealtimeConfig {
  host: string;
  /** 0: any free one. */
  port: number;
  internalHost: string;
  internalPort: number;
  /** Pages that may connect; ECHO_ORIGINS. */
  origins: readonly string[];
  trustedProxies: readonly string[];
  timings: Timings;
  version: string;
}

/** docs/product.md "Fixed figures", security.md and contract.md "WebSocket". */
export const realtimeDefaults = {
  timings: {
    requestMs: 10_000,
    authMs: 5_000,
    heartbeatMs: 45_000,
    deadMs: 90_000,
    expiryMs: 5_000,
    sessionSweepMs: 30_000,
    attachWaitMs: 10_000,
    attachMs: 60_000,
    pageMs: 30_000,
    cursorLookMs: 30_000,
    cursorAgeMs: 300_000,
    closeMs: 30_000,
    drainMs: 5_000,
    leaveMs: 5_000,
  },
  version: manifest.version,
} satisfies Partial<RealtimeConfig>;

/** @throws ConfigError that names every fault */
export function readRealtimeConfig(environment: Readonly<Record<string, string | undefined>>): {
  core: ProcessConfig;
  realtime: RealtimeConfig;
} {
  const read = readConfig(RealtimeEnvironment, environment);
  const realtime = {
    ...realtimeDefaults,
    host: read.ECHO_HOST,
    port: read.REALTIME_PORT,
    internalHost: read.ECHO_INTERNAL_HOST,
    internalPort: read.REALTIME_INTERNAL_PORT,
    origins: read.ECHO_ORIGINS,
    trustedProxies: read.ECHO_TRUSTED_PROXIES,
  };
  return { core: processConfigOf("realtime", read), realtime };
}
