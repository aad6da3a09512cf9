import { expect, test } from "vitest";
import { createManualClock, systemClock } from "../clock/clock.ts";
import { type LimitsHarness, limitsConformance } from "./limits.conformance.ts";
import type { BucketPolicy, FixedPolicy, LimitPolicy } from "./limits.ts";
import { createMemoryLimits } from "./memory-limits.ts";
import { takeOrThrow } from "./take-or-throw.ts";

function openHarness(): LimitsHarness {
  const clock = createManualClock();
  return {
    limits: createMemoryLimits({ clock }),
    nowMs: () => clock.now().getTime(),
    advance: async (ms) => clock.advance(ms),
  };
}

const fixed: FixedPolicy = { name: "anonymous", kind: "fixed", limit: 2, windowMs: 60_000 };

test.each(limitsConformance)("memory limits: $name", async ({ run }) => {
  await run(openHarness());
});

test("the memory limits say that each process counts for itself", () => {
  expect(openHarness().limits.driver).toEqual({ name: "memory", isShared: false });
});

test("on the real clock a bucket keeps its rate", async () => {
  const policy: BucketPolicy = { name: "socket", kind: "bucket", burst: 20, perSecond: 400 };
  const limits = createMemoryLimits({ clock: systemClock });
  const startMs = Date.now();
  let passed = 0;

  while (passed < 220) {
    if ((await limits.take(policy, "k")).allowed) passed += 1;
    else await new Promise(setImmediate);
  }

  const perSecond = ((passed - policy.burst) / (Date.now() - startMs)) * 1_000;
  expect(perSecond).toBeLessThanOrEqual(policy.perSecond * 1.05);
});

test("a clock that is set back neither locks a key out nor fills a bucket", async () => {
  const clock = createManualClock(new Date("2026-06-02T00:00:00Z"));
  const limits = createMemoryLimits({ clock });
  const policies: LimitPolicy[] = [fixed, { ...fixed, kind: "sliding" }];
  const bucket: BucketPolicy = { name: "send", kind: "bucket", burst: 2, perSecond: 1 };
  for (const policy of policies) await limits.take(policy, "k", 2);
  await limits.take(bucket, "k", 2);

  clock.setWallClock(new Date("2026-06-01T00:00:00Z"));

  for (const policy of policies) expect(await limits.take(policy, "k")).toMatchObject({ allowed: true });
  expect(await limits.take(bucket, "k")).toMatchObject({ allowed: false, retryAfterMs: 1_000 });
});

test("a refund that comes in the next window gives that one nothing", async () => {
  const clock = createManualClock();
  const limits = createMemoryLimits({ clock });
  await limits.take(fixed, "k");

  clock.advance(fixed.windowMs);
  await limits.refund(fixed, "k");

  expect(await limits.take(fixed, "k", 2)).toMatchObject({ allowed: true, remaining: 0 });
});

test("it remembers no more keys than its bound", async () => {
  const limits = createMemoryLimits({ clock: createManualClock(), maxKeys: 100 });
  await limits.take(fixed, "first", 2);

  for (let key = 0; key < 99; key += 1) await limits.take(fixed, String(key));
  expect(await limits.take(fixed, "first")).toMatchObject({ allowed: false });
  for (let key = 0; key < 100; key += 1) await limits.take(fixed, String(key));

  expect(await limits.take(fixed, "first")).toMatchObject({ allowed: true });
});

test("closed limits let nothing pass: UNAVAILABLE", async () => {
  const { limits } = openHarness();

  await limits.close();

  await expect(limits.take(fixed, "k")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(limits.ping()).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("takeOrThrow names the policy and says when to come again", async () => {
  const { limits } = openHarness();
  await takeOrThrow(limits, fixed, "k");
  await takeOrThrow(limits, fixed, "k");

  await expect(takeOrThrow(limits, fixed, "k")).rejects.toMatchObject({
    code: "TOO_MANY_REQUESTS",
    limiter: "anonymous",
    retryAfterMs: 60_000,
  });
});
