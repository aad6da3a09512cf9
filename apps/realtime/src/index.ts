export { type RealtimeConfig, readRealtimeConfig, realtimeDefaults, type Timings } from "./config.ts";
export type { Judge, Verdict } from "./hub.ts";
export type { Overrides } from "./node.ts";
export type { RealtimeRouter } from "./router.ts";
export { type RealtimeOptions, type RunningRealtime, startRealtime } from "./start-realtime.ts";
