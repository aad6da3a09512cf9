export type { Bus, Subscription } from "./bus/bus.ts";
export type { Cache, CacheSpace, CounterSpace } from "./cache/cache.ts";
export { type Clock, createManualClock, type ManualClock, systemClock } from "./clock/clock.ts";
export { defaultLifetimes, Lifetimes } from "./config/lifetimes.ts";
export { embeddedEnvironment, kafkaOptionsOf, processSchema, type SharedEnvironment } from "./config/process-schema.ts";
export { ConfigError, readConfig } from "./config/read-config.ts";
export { baseUrl, databaseUrl, poolMax, port, webSocketUrl } from "./config/variables.ts";
export { createDrivers, type Drivers } from "./drivers/create-drivers.ts";
export type { DriverFacts } from "./drivers/driver-facts.ts";
export * from "./errors.ts";
export {
  type Check,
  type CheckResult,
  createHealth,
  type Health,
  httpStatusOfReady,
  type Liveness,
  type Readiness,
  type ReadyStatus,
  withoutChecks,
} from "./health/health.ts";
export { acceptedId } from "./http/accepted-id.ts";
export { type ClientIp, createClientIp, ipKey } from "./http/client-ip.ts";
export {
  createForwardedClientReader,
  createForwardedClientSigner,
  forwardedClientHeader,
} from "./http/forwarded-client.ts";
export { createHostCheck, isLoopback, isLoopbackUrl } from "./http/host-check.ts";
export { addressOf, listen } from "./http/listen.ts";
export { createOriginCheck } from "./http/origin-check.ts";
export { createProbeServer, pathOf, type Refusal, refuse } from "./http/probe-server.ts";
export { answerRaw, type ParserFault, parserFaultOf } from "./http/raw-answer.ts";
export { refusalHeaders, securityHeaders, strictTransportSecurity } from "./http/security-headers.ts";
export { type Ids, systemIds } from "./ids/ids.ts";
export { isProcessAlive } from "./lifecycle/is-process-alive.ts";
export {
  armKillPoint,
  isKillPoint,
  type KillAt,
  type KillPoint,
  killPoints,
  passKillPoint,
} from "./lifecycle/kill-point.ts";
export { createLifecycle, type Lifecycle, type StopPriority, type StopReport } from "./lifecycle/lifecycle.ts";
export { startProcess } from "./lifecycle/start-process.ts";
export { stopOnSignals } from "./lifecycle/stop-on-signals.ts";
export { createLimitPolicies, type LimitPolicies, LimitSettings } from "./limits/limit-policies.ts";
export type { BucketPolicy, FixedPolicy, LimitPolicy, LimitResult, Limits, SlidingPolicy } from "./limits/limits.ts";
export { takeOrThrow } from "./limits/take-or-throw.ts";
export { type CreateLoggerOptions, createLogger, type LogLevel, logLevels } from "./logger/create-logger.ts";
export type { LogFields, Logger } from "./logger/logger.ts";
export { createQueue } from "./queue/create-queue.ts";
export { followTopics } from "./queue/kafka/follow-topics.ts";
export type { KafkaOptions } from "./queue/kafka/kafka-options.ts";
export { type TopicFault, type Topics, withTopics } from "./queue/kafka/topics.ts";
export type { LogReader } from "./queue/log-reader.ts";
export type {
  ConsumeOptions,
  Consumer,
  DeadLetter,
  GroupState,
  Queue,
  QueueRecord,
} from "./queue/queue.ts";
export { createQueueOperations, type QueueOperations } from "./queue/queue-operations.ts";
export type { RawRecord } from "./queue/record-format.ts";
export { ReadyMessage, reportReady } from "./ready-message.ts";
export type { RedisOptions } from "./redis/redis-options.ts";
export {
  identifyRequest,
  type RequestContext,
  requestContext,
  withRequestContext,
} from "./request-context/request-context.ts";
export { createSecretBox, deriveKey, isSameSecret, type SealPurpose, type SecretBox } from "./secret-box/secret-box.ts";
export { pauseUnless } from "./time/pause-unless.ts";
export { type Repeated, repeat } from "./time/repeat.ts";
export { singleFlight } from "./time/single-flight.ts";
export { withTimeout } from "./time/with-timeout.ts";
export { toEchoError } from "./to-echo-error.ts";
