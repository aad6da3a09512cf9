import { baseUrl, isLoopbackUrl, type LogLevel, port, processSchema, readConfig } from "@echo/platform";
import manifest from "../../package.json" with { type: "json" };

const ConsoleEnvironment = processSchema({ API_PORT: port(8080), ECHO_API_URL: baseUrl.optional() }).superRefine(
  ({ ECHO_CONSOLE_URL: url }, context) => {
    if (!URL.canParse(url) || isReachedSafely(url)) return;
    const message = "must be an https address: the console is served over plain http on loopback alone";
    context.addIssue({ code: "custom", path: ["ECHO_CONSOLE_URL"], message });
  },
  // Also when other variables are wrong, so that all faults are told at once.
  { when: () => true },
);

/** What the console's server needs. */
export interface ConsoleConfig {
  host: string;
  /** 0: any free one. */
  port: number;
  /** The address that browsers reach it under; its origin is the one that admin.* accepts. */
  consoleUrl: string;
  apiUrl: string;
  secret: Uint8Array;
  trustedProxies: readonly string[];
  logLevel: LogLevel;
  /** Largest body of a call. */
  maxBodyBytes: number;
  /** Until the headers are there; until the request is there. */
  timeouts: { headersMs: number; requestMs: number };
  version: string;
}

/** docs/product.md "Fixed figures" and security.md "HTTP". */
export const consoleDefaults = {
  maxBodyBytes: 256 * 1_024,
  timeouts: { headersMs: 10_000, requestMs: 30_000 },
  version: manifest.version,
};

/** @throws ConfigError that names every fault */
export function readConsoleConfig(environment: Readonly<Record<string, string | undefined>>): ConsoleConfig {
  const read = readConfig(ConsoleEnvironment, environment);
  return {
    ...consoleDefaults,
    host: read.ECHO_HOST,
    port: read.ADMIN_PORT,
    consoleUrl: read.ECHO_CONSOLE_URL,
    apiUrl: read.ECHO_API_URL ?? `http://127.0.0.1:${read.API_PORT}`,
    secret: read.ECHO_SECRET,
    trustedProxies: read.ECHO_TRUSTED_PROXIES,
    logLevel: read.LOG_LEVEL,
  };
}

const isReachedSafely = (url: string): boolean => new URL(url).protocol === "https:" || isLoopbackUrl(url);
