import type { Limiter } from "@echo/contracts";
import type { DriverFacts } from "../drivers/driver-facts.ts";

/** `name` is the `limiter` that a refusal names. Policies that differ in anything count apart. */
export interface FixedPolicy {
  name: Limiter;
  kind: "fixed";
  limit: number;
  windowMs: number;
}
export interface SlidingPolicy {
  name: Limiter;
  kind: "sliding";
  limit: number;
  windowMs: number;
}
export interface BucketPolicy {
  name: Limiter;
  kind: "bucket";
  burst: number;
  perSecond: number;
}
/** How calls are counted. */
export type LimitPolicy = FixedPolicy | SlidingPolicy | BucketPolicy;

export interface LimitResult {
  allowed: boolean;
  /** limit or burst. */
  limit: number;
  remaining: number;
  /** Until the window ends or the bucket is full. */
  resetMs: number;
  /** 0 when allowed. */
  retryAfterMs: number;
}

/**
 * Counts and refuses; never off. A fixed window is aligned to the clock and never lets more than `limit` pass in it; a
 * sliding one never more than 1.05 x `limit` in any window; a bucket lets `burst` pass, then `perSecond` +- 5 %.
 */
export interface Limits {
  readonly driver: DriverFacts;
  /**
   * Takes `cost` (1) when there is room for all of it, else nothing.
   * @throws RangeError when cost is no whole number from 1 to the limit or burst
   */
  take(policy: LimitPolicy, key: string, cost?: number): Promise<LimitResult>;
  /** Gives back what a take took. */
  refund(policy: LimitPolicy, key: string, cost?: number): Promise<void>;
  /** Forgets the key. */
  reset(policy: LimitPolicy, key: string): Promise<void>;
  ping(): Promise<number>;
  close(): Promise<void>;
}
