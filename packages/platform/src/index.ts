export type { Bus, Subscription } from "./bus/bus.ts";
export type { Cache, CacheSpace, CounterSpace } from "./cache/cache.ts";
export * from "./errors.ts";
export type { LimitPolicy, LimitResult, Limits } from "./limits/limits.ts";
