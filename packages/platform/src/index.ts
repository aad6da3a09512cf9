export type { Bus, Subscription } from "./bus/bus.ts";
export type { Cache, CacheSpace, CounterSpace } from "./cache/cache.ts";
export { type Clock, createManualClock, type ManualClock, systemClock } from "./clock/clock.ts";
export { defaultLifetimes, Lifetimes } from "./config/lifetimes.ts";
export { embeddedEnvironment, processSchema, type SharedEnvironment } from "./config/process-schema.ts";
export { ConfigError, readConfig } from "./config/read-config.ts";
export { databaseUrl, poolMax, port } from "./config/variables.ts";
export * from "./errors.ts";
export { type ClientIp, createClientIp, ipKey } from "./http/client-ip.ts";
export { createHostCheck, isLoopback } from "./http/host-check.ts";
export { createOriginCheck } from "./http/origin-check.ts";
export { type Ids, systemIds } from "./ids/ids.ts";
export { createLimitPolicies, type LimitPolicies, LimitSettings } from "./limits/limit-policies.ts";
export type { BucketPolicy, FixedPolicy, LimitPolicy, LimitResult, Limits, SlidingPolicy } from "./limits/limits.ts";
export { type CreateLoggerOptions, createLogger, type LogLevel, logLevels } from "./logger/create-logger.ts";
export type { LogFields, Logger } from "./logger/logger.ts";
export { ReadyMessage, reportReady } from "./ready-message.ts";
export {
  identifyRequest,
  type RequestContext,
  requestContext,
  withRequestContext,
} from "./request-context/request-context.ts";
