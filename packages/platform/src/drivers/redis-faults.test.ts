import { createTestDatabase } from "@echo/testing/database";
import { describeWithRedisServer, startTestRedis, type TestRedis } from "@echo/testing/redis";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { openSlowProxy } from "../redis/test-slow-proxy.ts";
import { createDrivers, type Drivers } from "./create-drivers.ts";

/** The bound of a call, and what a busy machine may add to it. */
const endsWithinMs = 250 + 150;
const goesOnWithinMs = 2_000;
const policy = { name: "anonymous", kind: "fixed", limit: 3, windowMs: 3_600_000 } as const;
const patience = { timeout: 10_000, interval: 20 };

interface Scene {
  server: TestRedis;
  /** Two processes. */
  a: Drivers;
  b: Drivers;
  /** What b heard. */
  heard: unknown[];
  /** Of both. */
  lines: string[];
  delay(ms: number): void;
}

/** Two processes' drivers on one database and one redis-server, which a slow way leads to. */
async function withScene(play: (scene: Scene) => Promise<void>, args: readonly string[] = []): Promise<void> {
  await using database = await createTestDatabase({ migrated: false });
  await using server = await startTestRedis({ args });
  await using proxy = await openSlowProxy(server.port);
  const lines: string[] = [];
  const logger = createLogger({ service: "test", destination: { write: (line) => void lines.push(line) } });
  const redis = { url: `redis://127.0.0.1:${proxy.port}` };
  const [a, b] = await Promise.all(
    [0, 1].map(() => createDrivers({ db: database.db, logger, clock: systemClock, redis })),
  );
  if (!a || !b) throw new Error("two were made");
  const heard: unknown[] = [];
  await b.bus.subscribe("news", (payload) => heard.push(payload));
  try {
    const delay = (ms: number) => {
      proxy.delayMs = ms;
    };
    await play({ server, a, b, heard, lines, delay });
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

async function timed<T>(call: Promise<T>): Promise<PromiseSettledResult<T>> {
  const startedMs = performance.now();
  const [result] = await Promise.allSettled([call]);
  expect(performance.now() - startedMs).toBeLessThan(endsWithinMs);
  return result;
}

const words = ({ cache }: Drivers) => cache.space("words", z.string());

/** Whatever is the matter with Redis: calls end, limits count on, the bus delivers, readiness can name it. */
async function expectInsured({ a, heard, lines }: Scene): Promise<void> {
  const calls = await Promise.all([
    timed(words(a).get("key")),
    timed(words(a).set("key", "value", 60_000)),
    timed(a.cache.counters("hits").increment("key", 1, 60_000)),
  ]);
  for (const call of calls) expect(call).toMatchObject({ status: "rejected", reason: { code: "UNAVAILABLE" } });

  const takes = await Promise.all(Array.from({ length: 10 }, () => timed(a.limits.take(policy, "insured"))));
  expect(takes.filter((take) => take.status === "fulfilled" && take.value.allowed)).toHaveLength(policy.limit);

  const startedMs = performance.now();
  await timed(a.bus.publish("news", "by the database"));
  await vi.waitFor(() => expect(heard).toContain("by the database"), patience);
  expect(performance.now() - startedMs).toBeLessThan(goesOnWithinMs);

  await expect(a.cache.ping()).rejects.toMatchObject({ message: expect.stringContaining("Redis") });
  await expect(a.bus.ping()).rejects.toMatchObject({ message: expect.stringContaining("redis") });
  expect(lines.filter((line) => line.includes("Redis does not answer")).length).toBeGreaterThan(0);
}

/** And all returns by itself. */
async function expectBack({ a, b, heard }: Scene): Promise<void> {
  await vi.waitFor(() => words(a).set("key", "again", 60_000), patience);
  await vi.waitFor(async () => expect(await words(b).get("key")).toBe("again"), patience);
  await vi.waitFor(() => Promise.all([a.bus.ping(), b.bus.ping()]), patience);
  await vi.waitFor(() => expect(b.bus.heartbeatAgeMs()).toBeLessThan(1_500), patience);
  await a.bus.publish("news", "back");
  await vi.waitFor(() => expect(heard).toContain("back"), patience);
  expect(heard.filter((payload) => payload === "by the database")).toHaveLength(1);
  const takes = await Promise.all([a, b, a, b].map(({ limits }) => limits.take(policy, "shared again")));
  expect(takes.filter(({ allowed }) => allowed)).toHaveLength(policy.limit);
}

describeWithRedisServer("when Redis", () => {
  test("is frozen, everything goes on without it, and with it once it thaws", () =>
    withScene(async (scene) => {
      await words(scene.a).set("key", "value", 60_000);
      scene.server.signal("SIGSTOP");
      try {
        await expectInsured(scene);
      } finally {
        scene.server.signal("SIGCONT");
      }
      await expectBack(scene);
    }));

  test("takes 200 ms for an answer, it counts as away", () =>
    withScene(async (scene) => {
      await words(scene.a).set("key", "value", 60_000);
      scene.delay(100);
      await expectInsured(scene);
      scene.delay(0);
      await expectBack(scene);
    }));

  test("is killed and comes back empty, nothing is missed but what may be forgotten", () =>
    withScene(async (scene) => {
      await words(scene.a).set("key", "value", 60_000);
      await scene.server.stop();
      await expectInsured(scene);
      await using _again = await startTestRedis({ port: scene.server.port });
      await expectBack(scene);
    }));

  test("is flushed, values are misses and counting begins anew", () =>
    withScene(async ({ a, b, server }) => {
      await words(a).set("key", "value", 60_000);
      for (let take = 0; take < policy.limit; take += 1) await a.limits.take(policy, "k");

      await askFlush(server);

      expect(await words(b).get("key")).toBeNull();
      expect(await b.limits.take(policy, "k")).toMatchObject({ allowed: true, remaining: policy.limit - 1 });
    }));

  test("is full, writes are refused at once, limits are insured, and the bus goes on by it", () =>
    withScene(
      async ({ a, heard }) => {
        const space = words(a);
        const fill = async () => {
          for (let key = 0; ; key += 1) await space.set(`filler${key}`, "x".repeat(60_000), 60_000);
        };
        await expect(fill()).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("OOM") });

        const takes = await Promise.all(Array.from({ length: 10 }, () => timed(a.limits.take(policy, "full"))));
        expect(takes.filter((take) => take.status === "fulfilled" && take.value.allowed)).toHaveLength(policy.limit);
        expect(await space.get("filler0")).toHaveLength(60_000);
        await a.bus.publish("news", "still");
        await vi.waitFor(() => expect(heard).toContain("still"), patience);
        await expect(a.cache.ping()).rejects.toMatchObject({ message: expect.stringContaining("OOM") });
      },
      ["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"],
    ));

  test("is away at the start, a process starts without it and finds it later", async () => {
    await using database = await createTestDatabase({ migrated: false });
    await using first = await startTestRedis();
    const { port, url } = first;
    await first.stop();
    const logger = createLogger({ service: "test", destination: { write: () => undefined } });

    const drivers = await createDrivers({ db: database.db, logger, clock: systemClock, redis: { url } });
    await expect(drivers.cache.ping()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await drivers.bus.publish("news", "into the void");
    await using _server = await startTestRedis({ port });

    await vi.waitFor(() => Promise.all([drivers.cache.ping(), drivers.bus.ping()]), patience);
    await drivers.close();
  });
});

async function askFlush({ url }: TestRedis): Promise<void> {
  const { askRedis } = await import("@echo/cli/services");
  await askRedis(url, ["FLUSHALL"]);
}
