import {
  createLimitPolicies,
  createManualClock,
  defaultLifetimes,
  type Logger,
  type ManualClock,
} from "@echo/platform";
import type { Actor, Caller, Core } from "../core.ts";
import { type CoreOverrides, createCore, stopCore } from "../create-core.ts";
import type { ProcessConfig } from "../process-config.ts";
import { authenticate } from "./authenticate.ts";

/** A Core whose clock the test moves and whose log it reads; hashes are the product's own unless a test asks for light ones. */
export interface AuthTestCore extends AsyncDisposable {
  core: Core;
  clock: ManualClock;
  log: string[];
  /** Who calls with this token. */
  actorOf(accessToken: string): Promise<Actor>;
}

interface AuthTestCoreOptions {
  config?: Partial<ProcessConfig>;
  overrides?: CoreOverrides;
  /** Shared by the processes of one test. */
  clock?: ManualClock;
}

export const lightArgon2 = { memoryKib: 64, passes: 1, parallelism: 1 };
export const password = "correct horse battery";
export const ada = { email: "ada@example.test", password };
export const caller: Caller = { ip: "192.0.2.7", requestId: "test" };
export const refusedLogin = { code: "UNAUTHORIZED", message: "Wrong e-mail or password" };

export async function createAuthTestCore(url: string, options: AuthTestCoreOptions = {}): Promise<AuthTestCore> {
  const clock = options.clock ?? createManualClock(new Date());
  const log: string[] = [];
  const config: ProcessConfig = {
    service: "test",
    logLevel: "debug",
    database: { url, directUrl: url, poolMax: 10, namedStatements: true },
    redis: null,
    kafka: null,
    secret: new Uint8Array(32).fill(7),
    previousSecret: null,
    issuer: "echo-test",
    emailVerification: "optional",
    argon2: { memoryKib: 65_536, passes: 3, parallelism: 2 },
    lifetimes: defaultLifetimes,
    limits: createLimitPolicies(),
    consoleUrl: "https://console.test",
    logDays: 7,
    ...options.config,
  };
  const core = await createCore(config, { clock, logger: writeTo(log), ...options.overrides });
  return {
    core,
    clock,
    log,
    actorOf: (accessToken) => authenticate(core, caller, { accessToken, audience: "echo:api" }),
    [Symbol.asyncDispose]: () => stopCore(core),
  };
}

/** Everything that was given to the logger, before anything is redacted. */
function writeTo(log: string[]): Logger {
  const write = (message: string, fields?: unknown) => void log.push(`${message} ${serialise(fields)}`);
  const logger: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
    child: () => logger,
  };
  return logger;
}

const serialise = (fields: unknown): string =>
  JSON.stringify(fields, (_key, value: unknown) =>
    value instanceof Error ? `${value.stack} ${serialise(value.cause)}` : value,
  ) ?? "";
