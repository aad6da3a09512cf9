import type { LimitResult } from "./limits.ts";

/** One call to judge. */
export interface Attempt<Policy> {
  policy: Policy;
  nowMs: number;
  cost: number;
}

/** One way to count; `take` and `refund` change the state in place. */
export interface Counting<Policy, State> {
  begin(policy: Policy, nowMs: number): State;
  take(state: State, attempt: Attempt<Policy>): LimitResult;
  refund(state: State, attempt: Attempt<Policy>): void;
}

interface Outcome {
  limit: number;
  /** What can still be taken now; fractions do not count. */
  left: number;
  resetMs: number;
}

export function allowed({ limit, left, resetMs }: Outcome): LimitResult {
  return { allowed: true, limit, remaining: Math.floor(left), resetMs, retryAfterMs: 0 };
}

export function refused({ limit, left, resetMs }: Outcome, retryAfterMs: number): LimitResult {
  return { allowed: false, limit, remaining: Math.floor(left), resetMs, retryAfterMs: Math.max(1, retryAfterMs) };
}
