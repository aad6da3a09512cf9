import { expect, test } from "vitest";
import { createManualClock, type ManualClock } from "../clock/clock.ts";
import { limitsConformance } from "./limits.conformance.ts";
import type { LimitPolicy, LimitResult, Limits } from "./limits.ts";
import { createMemoryLimits } from "./memory-limits.ts";

type CaseName = (typeof limitsConformance)[number]["name"];
type Plant = (limits: Limits, clock: ManualClock) => Limits;

/** Judges another policy than the one that was asked for. */
const judging =
  (change: (policy: LimitPolicy) => LimitPolicy): Plant =>
  (limits) => ({ ...limits, take: (policy, key, cost) => limits.take(change(policy), key, cost) });

const telling =
  (change: (result: LimitResult) => Partial<LimitResult>): Plant =>
  (limits) => ({
    ...limits,
    async take(policy, key, cost) {
      const result = await limits.take(policy, key, cost);
      return { ...result, ...change(result) };
    },
  });

/** Windows that begin half a window off the clock's. */
const misaligned: Plant = (_limits, clock) =>
  createMemoryLimits({ clock: { ...clock, now: () => new Date(clock.now().getTime() + 500) } });

/** For each promise a driver that breaks it. */
const plants: Record<CaseName, Plant> = {
  "a fixed window never lets more than its limit pass in a window of the clock, nor less when asked": misaligned,
  "a fixed window begins with the clock's, whenever its first call came": misaligned,
  "a sliding window never lets more than 1.05 x its limit pass in any window": judging((policy) =>
    policy.kind === "sliding" ? { ...policy, kind: "fixed" } : policy,
  ),
  "a sliding window gives back what was taken after 1.05 windows, and not much less than its limit flows": judging(
    (policy) => ({ ...policy, ...(policy.kind === "sliding" ? { windowMs: 2 * policy.windowMs } : {}) }),
  ),
  "a bucket lets its burst pass at once, then its rate +- 5 %": judging((policy) => ({
    ...policy,
    ...(policy.kind === "bucket" ? { perSecond: policy.perSecond * 1.1 } : {}),
  })),
  "a bucket that rested holds its burst and no more": judging((policy) => ({
    ...policy,
    ...(policy.kind === "bucket" ? { burst: policy.burst * 2 } : {}),
  })),
  "a result tells the limit, what remains and when it is whole again": telling(() => ({ resetMs: 0 })),
  "who waits retryAfterMs passes, who waits half of it does not": telling(({ retryAfterMs }) => ({
    retryAfterMs: Math.floor(retryAfterMs / 3),
  })),
  "a take costs all or nothing": (limits) => ({
    ...limits,
    async take(policy, key, cost = 1) {
      let last = await limits.take(policy, key);
      for (let one = 1; one < cost; one += 1) last = await limits.take(policy, key);
      return last;
    },
  }),
  "of 200 calls at once exactly the limit passes": (limits) => {
    const counts = new Map<LimitPolicy, number>();
    return {
      ...limits,
      async take(policy, key) {
        const before = counts.get(policy) ?? 0;
        const result = await limits.take({ ...policy, name: "user" }, `${key}${before}`);
        await new Promise(setImmediate);
        counts.set(policy, before + 1);
        return { ...result, allowed: before < 30 };
      },
    };
  },
  "keys count apart, and so do policies that differ in anything": (limits) => ({
    ...limits,
    take: (policy, _key, cost) => limits.take(policy, "one", cost),
  }),
  "a refund gives back what was taken, and never more than that": (limits) => ({
    ...limits,
    refund: (policy, key) => limits.reset(policy, key),
  }),
  "reset forgets the key and no other": (limits) => ({ ...limits, reset: async () => undefined }),
  "a cost that is no whole number, or that could never pass, is refused": (limits) => ({
    ...limits,
    take: (policy, key) => limits.take(policy, key),
  }),
  "ping answers in milliseconds": (limits) => ({ ...limits, ping: async () => -1 }),
};

test.each(limitsConformance)("a planted fault is found: $name", async ({ name, run }) => {
  const clock = createManualClock();
  const limits = plants[name](createMemoryLimits({ clock }), clock);
  const harness = { limits, nowMs: () => clock.now().getTime(), advance: async (ms: number) => clock.advance(ms) };

  await expect(run(harness)).rejects.toHaveProperty("name", "AssertionError");
});
