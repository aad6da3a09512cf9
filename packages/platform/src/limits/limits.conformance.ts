import { expect } from "vitest";
import type { ConformanceCase } from "../conformance/conformance.ts";
import type { BucketPolicy, FixedPolicy, LimitPolicy, Limits, SlidingPolicy } from "./limits.ts";

export interface LimitsHarness {
  limits: Limits;
  nowMs(): number;
  /** Lets time pass. */
  advance(ms: number): Promise<void>;
}

const windowMs = 1_000;
const fixed: FixedPolicy = { name: "anonymous", kind: "fixed", limit: 20, windowMs };
const sliding: SlidingPolicy = { name: "register", kind: "sliding", limit: 20, windowMs };
const bucket: BucketPolicy = { name: "send", kind: "bucket", burst: 30, perSecond: 50 };
const every: readonly LimitPolicy[] = [fixed, sliding, bucket];
const capacityOf = (policy: LimitPolicy) => (policy.kind === "bucket" ? policy.burst : policy.limit);

/** Takes until one is refused; how many passed. */
async function drain({ limits }: LimitsHarness, policy: LimitPolicy, key = "k"): Promise<number> {
  let passed = 0;
  while ((await limits.take(policy, key)).allowed) {
    passed += 1;
    expect(passed).toBeLessThanOrEqual(capacityOf(policy));
  }
  return passed;
}

/** Uneven demand over a time, the same in every run; when each call passed. */
async function demand(harness: LimitsHarness, policy: LimitPolicy, durationMs: number): Promise<number[]> {
  const passedAtMs: number[] = [];
  const endMs = harness.nowMs() + durationMs;
  for (let call = 1; harness.nowMs() < endMs; call += 1) {
    if ((await harness.limits.take(policy, "k")).allowed) passedAtMs.push(harness.nowMs());
    await harness.advance((call * call) % 31);
  }
  return passedAtMs;
}

async function goToMiddleOfWindow({ nowMs, advance }: LimitsHarness): Promise<void> {
  await advance(windowMs - (nowMs() % windowMs) + windowMs / 2);
}

export const limitsConformance = [
  {
    name: "a fixed window never lets more than its limit pass in a window of the clock, nor less when asked",
    async run(harness) {
      const { nowMs, advance } = harness;
      const startMs = nowMs() - (nowMs() % windowMs) + windowMs;
      const momentsInWindows = [0.9, 1.1, 3.1, 3.9, 4, 4.99, 6.2, 6.5, 8.999];
      const passed: number[] = [];
      for (const moment of momentsInWindows) {
        await advance(startMs + moment * windowMs - nowMs());
        passed.push(await drain(harness, fixed));
      }
      expect(passed).toEqual([1, 1, 1, 0, 1, 0, 1, 0, 1].map((share) => share * fixed.limit));
    },
  },
  {
    name: "a fixed window begins with the clock's, whenever its first call came",
    async run(harness) {
      await goToMiddleOfWindow(harness);
      expect(await drain(harness, fixed)).toBe(fixed.limit);
      await harness.advance(windowMs / 2);
      expect(await drain(harness, fixed)).toBe(fixed.limit);
    },
  },
  {
    name: "a sliding window never lets more than 1.05 x its limit pass in any window",
    async run(harness) {
      const passed = await demand(harness, sliding, 8 * windowMs);
      await harness.advance(3 * windowMs);
      await goToMiddleOfWindow(harness);
      await harness.advance(windowMs / 2 - 1);
      for (let end = 0; end < 2; end += 1) {
        for (let call = 0; call < sliding.limit; call += 1) {
          if ((await harness.limits.take(sliding, "k")).allowed) passed.push(harness.nowMs());
        }
        await harness.advance(2);
      }
      for (const end of passed) {
        const within = passed.filter((atMs) => atMs > end - windowMs && atMs <= end);
        expect(within.length).toBeLessThanOrEqual(1.05 * sliding.limit);
      }
    },
  },
  {
    name: "a sliding window gives back what was taken after 1.05 windows, and not much less than its limit flows",
    async run(harness) {
      expect(await drain(harness, sliding)).toBe(sliding.limit);
      await harness.advance(1.05 * windowMs);
      expect(await drain(harness, sliding)).toBe(sliding.limit);
      const passed = await demand(harness, sliding, 10 * windowMs);
      expect(passed.length).toBeGreaterThanOrEqual(9 * sliding.limit);
    },
  },
  {
    name: "a bucket lets its burst pass at once, then its rate +- 5 %",
    async run(harness) {
      expect(await drain(harness, bucket)).toBe(bucket.burst);
      let passed = 0;
      const startMs = harness.nowMs();
      while (harness.nowMs() < startMs + 10_000) {
        await harness.advance(7);
        if ((await harness.limits.take(bucket, "k")).allowed) passed += 1;
      }
      expect(Math.abs(passed / 10 / bucket.perSecond - 1)).toBeLessThanOrEqual(0.05);
    },
  },
  {
    name: "a bucket that rested holds its burst and no more",
    async run(harness) {
      await drain(harness, bucket);
      await harness.advance(60_000);
      expect(await drain(harness, bucket)).toBe(bucket.burst);
    },
  },
  {
    name: "a result tells the limit, what remains and when it is whole again",
    async run(harness) {
      await goToMiddleOfWindow(harness);
      const { limits } = harness;
      const resets = { fixed: windowMs / 2, sliding: windowMs, bucket: 1_000 / bucket.perSecond };
      for (const policy of every) {
        const first = await limits.take(policy, "k");
        expect(first).toMatchObject({ allowed: true, limit: capacityOf(policy), retryAfterMs: 0 });
        expect(first.remaining).toBe(capacityOf(policy) - 1);
        expect(first.resetMs).toBeGreaterThanOrEqual(resets[policy.kind] * 0.99);
        expect(first.resetMs).toBeLessThanOrEqual(resets[policy.kind] * 1.06);
      }
    },
  },
  {
    name: "who waits retryAfterMs passes, who waits half of it does not",
    async run(harness) {
      for (const policy of every) {
        await drain(harness, policy);
        const { retryAfterMs, remaining } = await harness.limits.take(policy, "k");
        expect(remaining).toBe(0);
        await harness.advance(Math.floor(retryAfterMs / 2));
        expect(await harness.limits.take(policy, "k")).toMatchObject({ allowed: false });
        await harness.advance(Math.ceil(retryAfterMs / 2));
        expect(await harness.limits.take(policy, "k")).toMatchObject({ allowed: true });
      }
    },
  },
  {
    name: "a take costs all or nothing",
    async run({ limits }) {
      for (const policy of every) {
        await limits.take(policy, "k", capacityOf(policy) - 2);
        expect(await limits.take(policy, "k", 3)).toMatchObject({ allowed: false, remaining: 2 });
        expect(await limits.take(policy, "k", 2)).toMatchObject({ allowed: true, remaining: 0 });
      }
    },
  },
  {
    name: "of 200 calls at once exactly the limit passes",
    async run({ limits }) {
      for (const policy of every) {
        const results = await Promise.all(Array.from({ length: 200 }, () => limits.take(policy, "k")));
        expect(results.filter((result) => result.allowed)).toHaveLength(capacityOf(policy));
      }
    },
  },
  {
    name: "keys count apart, and so do policies that differ in anything",
    async run(harness) {
      const others: LimitPolicy[] = [
        { ...fixed, name: "ipCeiling" },
        { ...fixed, limit: 10 },
        { ...fixed, kind: "sliding" },
      ];
      await drain(harness, fixed, "a");
      expect(await drain(harness, fixed, "b")).toBe(fixed.limit);
      for (const policy of others)
        expect(await drain(harness, policy, "a")).toBe(policy.kind === "bucket" ? 0 : policy.limit);
    },
  },
  {
    name: "a refund gives back what was taken, and never more than that",
    async run(harness) {
      for (const policy of every) {
        await drain(harness, policy);
        await harness.limits.refund(policy, "k", 2);
        expect(await drain(harness, policy)).toBe(2);
        for (let time = 0; time < 3; time += 1) await harness.limits.refund(policy, "k", capacityOf(policy));
        expect(await drain(harness, policy)).toBe(capacityOf(policy));
      }
    },
  },
  {
    name: "reset forgets the key and no other",
    async run(harness) {
      for (const policy of every) {
        await drain(harness, policy, "a");
        await drain(harness, policy, "b");
        await harness.limits.reset(policy, "a");
        expect(await drain(harness, policy, "a")).toBe(capacityOf(policy));
        expect(await harness.limits.take(policy, "b")).toMatchObject({ allowed: false });
      }
    },
  },
  {
    name: "a cost that is no whole number, or that could never pass, is refused",
    async run({ limits }) {
      for (const policy of every) {
        for (const cost of [0, -1, 0.5, Number.NaN, capacityOf(policy) + 1]) {
          await expect(limits.take(policy, "k", cost)).rejects.toBeInstanceOf(RangeError);
          await expect(limits.refund(policy, "k", cost)).rejects.toBeInstanceOf(RangeError);
        }
      }
    },
  },
  {
    name: "ping answers in milliseconds",
    async run({ limits }) {
      expect(await limits.ping()).toBeGreaterThanOrEqual(0);
    },
  },
] as const satisfies ConformanceCase<LimitsHarness>[];
