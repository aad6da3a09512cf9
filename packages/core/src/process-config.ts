import {
  type KafkaOptions,
  type KillAt,
  kafkaOptionsOf,
  type LogLevel,
  type RedisOptions,
  type SharedEnvironment,
} from "@echo/platform";
import type { CoreConfig } from "./config.ts";

/** What one process needs to stand up a Core. */
export interface ProcessConfig extends CoreConfig {
  /** How its log lines and its database connections are called. */
  service: string;
  logLevel: LogLevel;
  database: { url: string; directUrl: string; poolMax: number; namedStatements: boolean; connectMs?: number };
  /** Null: cache and limits are this process's own, and the bus is the database's. */
  redis: RedisOptions | null;
  /** Null: consumers read the event log itself. */
  kafka: KafkaOptions | null;
  /** Where a drill ends this process; absent: nowhere. */
  killAt?: KillAt;
}

/** RFC 9106, second recommendation, with the memory of the first that fits a server beside its work. */
const argon2 = { passes: 3, parallelism: 2 };

/** The part of a process's environment that core reads (docs/environment.md). */
export function processConfigOf(
  service: string,
  environment: SharedEnvironment & { DATABASE_URL: string; DB_POOL_MAX: number },
): ProcessConfig {
  return {
    service,
    logLevel: environment.LOG_LEVEL,
    database: {
      url: environment.DATABASE_URL,
      directUrl: environment.DATABASE_DIRECT_URL ?? environment.DATABASE_URL,
      poolMax: environment.DB_POOL_MAX,
      namedStatements: environment.DB_NAMED_STATEMENTS,
    },
    redis: environment.REDIS_URL ? { url: environment.REDIS_URL, connectionName: `echo-${service}` } : null,
    kafka: kafkaOptionsOf(`echo-${service}`, environment),
    secret: environment.ECHO_SECRET,
    previousSecret: environment.ECHO_SECRET_PREVIOUS ?? null,
    issuer: environment.ECHO_ISSUER,
    emailVerification: environment.ECHO_EMAIL_VERIFICATION,
    argon2: { ...argon2, memoryKib: environment.ARGON2_MEMORY_KIB },
    lifetimes: environment.ECHO_LIFETIMES,
    limits: environment.ECHO_LIMITS,
    consoleUrl: environment.ECHO_CONSOLE_URL,
    logDays: environment.ECHO_LOG_DAYS,
    ...(environment.ECHO_KILL_AT ? { killAt: environment.ECHO_KILL_AT } : {}),
  };
}
