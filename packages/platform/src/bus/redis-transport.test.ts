import { describeWithRedisServer } from "@echo/testing/redis";
import { expect, test, vi } from "vitest";
import { busConformance } from "./bus.conformance.ts";
import { openRedisBusHarness } from "./test-redis-bus.ts";

describeWithRedisServer("the bus on Redis", () => {
  test.each(busConformance)("$name", async ({ run }) => {
    await using harness = await openRedisBusHarness(20_000);

    await run(harness);
  });

  test("it says that processes share it", async () => {
    await using harness = await openRedisBusHarness(5_000);

    expect((await harness.open()).driver).toEqual({ name: "redis", isShared: true });
  });

  test("messages of one tick on one channel travel in one message of Redis", async () => {
    await using harness = await openRedisBusHarness(5_000);
    const [from, to] = [await harness.open(), await harness.open()];
    const heard = { a: 0, b: 0 };
    await to.subscribe("a", () => (heard.a += 1));
    await to.subscribe("b", () => (heard.b += 1));
    const publishes = async () => {
      const info = await harness.ask((redis) => redis.info("commandstats"));
      return Number(/cmdstat_publish:calls=(\d+)/.exec(info)?.[1] ?? 0);
    };
    const before = await publishes();

    const channels = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? "a" : "b"));
    await Promise.all(channels.map((channel) => from.publish(channel, 1)));
    await vi.waitFor(() => expect(heard).toEqual({ a: 30, b: 30 }));

    // The heartbeats of two buses may fall in between.
    expect((await publishes()) - before).toBeLessThanOrEqual(4);
  });

  test("a process hears from Redis only what it follows", async () => {
    await using harness = await openRedisBusHarness(5_000);
    const bus = await harness.open();
    const channels = async () =>
      (await harness.ask((redis) => redis.pubsub("CHANNELS", "test:bus:0:[^$]*"))) as string[];
    expect(await channels()).toEqual([]);

    const first = await bus.subscribe("a", () => undefined);
    const second = await bus.subscribe("a", () => undefined);
    expect(await channels()).toEqual(["test:bus:0:a"]);
    await first.unsubscribe();
    expect(await channels()).toEqual(["test:bus:0:a"]);
    await second.unsubscribe();

    await vi.waitFor(async () => expect(await channels()).toEqual([]));
  });

  test("a record of a newer version, or of an unknown one, is dropped and stops nobody", async () => {
    await using harness = await openRedisBusHarness(5_000);
    const bus = await harness.open();
    const heard: unknown[] = [];
    await bus.subscribe("a", (payload) => heard.push(payload));

    for (const record of ['[3,"p",1,[1,"a","new"]]', '[1,"p",1,[1,"a","old"]]', `[2,"${"p".repeat(65)}",1]`]) {
      await harness.publishRaw(record);
    }
    await harness.publishRaw('[2,"p",1,[1,"a","known"]]');

    await vi.waitFor(() => expect(heard).toEqual(["known"]));
    expect(harness.lines.filter((line) => line.includes("malformed record"))).toHaveLength(3);
  });

  test("a record that was heard is dropped when it comes again", async () => {
    await using harness = await openRedisBusHarness(5_000);
    const bus = await harness.open();
    const heard: unknown[] = [];
    await bus.subscribe("a", (payload) => heard.push(payload));

    for (const serial of [1, 2, 2, 1, 3]) await harness.publishRaw(`[2,"p",1,[${serial},"a",${serial}]]`);
    await harness.publishRaw('[2,"q",1,[1,"a","another publisher"]]');

    await vi.waitFor(() => expect(heard).toEqual([1, 2, 3, "another publisher"]));
  });

  test("a record of 16 MiB is dropped, and what follows arrives", async () => {
    await using harness = await openRedisBusHarness(10_000);
    const bus = await harness.open();
    const heard: unknown[] = [];
    await bus.subscribe("a", (payload) => heard.push(payload));

    await harness.publishRaw(`[2,"p",1,[1,"a","${"x".repeat(16 * 1_048_576)}"]]`).catch(() => undefined);

    await vi.waitFor(async () => {
      await bus.publish("a", "after");
      expect(heard).toContain("after");
    }, 10_000);
    expect(new Set(heard)).toEqual(new Set(["after"]));
  });
});
