import { allowed, type Counting, refused } from "./counting.ts";
import type { BucketPolicy } from "./limits.ts";

interface TokenBucket {
  tokens: number;
  filledAtMs: number;
}

/** Fractions of tokens add up with rounding faults far below this. */
const rounding = 1e-9;

export const tokenBucket: Counting<BucketPolicy, TokenBucket> = {
  begin: ({ burst }, nowMs) => ({ tokens: burst, filledAtMs: nowMs }),

  take(bucket, { policy, nowMs, cost }) {
    fill(bucket, policy, nowMs);
    const fits = bucket.tokens + rounding >= cost;
    if (fits) bucket.tokens = Math.max(0, bucket.tokens - cost);
    const msFor = (tokens: number) => Math.ceil((Math.max(0, tokens - rounding) / policy.perSecond) * 1_000);
    const resetMs = msFor(policy.burst - bucket.tokens);
    const outcome = { limit: policy.burst, left: bucket.tokens + rounding, resetMs };
    return fits ? allowed(outcome) : refused(outcome, msFor(cost - bucket.tokens));
  },

  refund(bucket, { policy, nowMs, cost }) {
    fill(bucket, policy, nowMs);
    bucket.tokens = Math.min(policy.burst, bucket.tokens + cost);
  },
};

/** A clock that went back fills nothing. */
function fill(bucket: TokenBucket, { burst, perSecond }: BucketPolicy, nowMs: number): void {
  const passedMs = Math.max(0, nowMs - bucket.filledAtMs);
  bucket.tokens = Math.min(burst, bucket.tokens + (passedMs / 1_000) * perSecond);
  bucket.filledAtMs = nowMs;
}
