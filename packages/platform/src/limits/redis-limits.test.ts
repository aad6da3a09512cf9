import { describeOnRedis } from "@echo/testing/redis";
import { afterAll, expect, test } from "vitest";
import { createManualClock } from "../clock/clock.ts";
import { openTestConnection } from "../redis/test-connection.ts";
import { limitsConformance } from "./limits.conformance.ts";
import type { FixedPolicy, LimitPolicy } from "./limits.ts";
import { createRedisLimits } from "./redis-limits.ts";

const policies: LimitPolicy[] = [
  { name: "anonymous", kind: "fixed", limit: 50, windowMs: 3_600_000 },
  { name: "register", kind: "sliding", limit: 50, windowMs: 3_600_000 },
  { name: "send", kind: "bucket", burst: 50, perSecond: 0.001 },
];

describeOnRedis("limits in Redis", (takeUrl) => {
  const opened: { close(): Promise<void> }[] = [];
  afterAll(async () => {
    for (const each of opened) await each.close();
  });

  async function open(url: string) {
    const { connection } = await openTestConnection(url);
    opened.push(connection);
    return { connection, limits: createRedisLimits({ connection, prefix: "test" }) };
  }

  test.each(limitsConformance)("$name", async ({ run }) => {
    const { connection } = await open(await takeUrl());
    const clock = createManualClock();
    const limits = createRedisLimits({ connection, prefix: "test", clock });

    await run({ limits, nowMs: () => clock.now().getTime(), advance: async (ms) => clock.advance(ms) });
  });

  test("processes count together", async () => {
    const url = await takeUrl();
    const nodes = await Promise.all([open(url), open(url), open(url)]);
    expect(nodes[0]?.limits.driver).toEqual({ name: "redis", isShared: true });

    for (const policy of policies) {
      const takes = nodes.flatMap(({ limits }) => Array.from({ length: 40 }, () => limits.take(policy, "k")));
      expect((await Promise.all(takes)).filter(({ allowed }) => allowed)).toHaveLength(50);
    }
  });

  test("without a clock of its own a process counts by Redis'", async () => {
    const { limits } = await open(await takeUrl());
    const policy: FixedPolicy = { name: "anonymous", kind: "fixed", limit: 5, windowMs: 60_000 };

    const { resetMs } = await limits.take(policy, "k");

    const restMs = 60_000 - (Date.now() % 60_000);
    expect(Math.abs(resetMs - restMs) % 60_000).toBeLessThan(1_000);
  });

  test("a server that has forgotten the scripts is told them again", async () => {
    const { connection, limits } = await open(await takeUrl());
    for (const policy of policies) await limits.take(policy, "k");

    await connection.run((redis) => redis.script("FLUSH"));

    for (const policy of policies) expect(await limits.take(policy, "k")).toMatchObject({ allowed: true });
  });

  test("a key is forgotten by the server once it counts nothing any more", async () => {
    const url = await takeUrl();
    const { connection, limits } = await open(url);
    for (const policy of policies) await limits.take(policy, "k");

    const keys = await connection.run((redis) => redis.keys("test:limit:*"));

    expect(keys).toHaveLength(3);
    for (const key of keys) expect(await connection.run((redis) => redis.pttl(key))).toBeGreaterThan(60_000);
  });

  test("a key of another form is one error, and no take passes by it", async () => {
    const { connection, limits } = await open(await takeUrl());
    await limits.take(policies[0] as LimitPolicy, "k");
    const [key = ""] = await connection.run((redis) => redis.keys("test:limit:*"));
    await connection.run((redis) => redis.set(key, "text"));

    await expect(limits.take(policies[0] as LimitPolicy, "k")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});
