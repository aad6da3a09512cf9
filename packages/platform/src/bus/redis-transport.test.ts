import { describeWithRedisServer, startTestRedis, type TestRedis } from "@echo/testing/redis";
import { expect, test, vi } from "vitest";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { connectRedis, type RedisConnection } from "../redis/redis-connection.ts";
import { type BusHarness, busConformance } from "./bus.conformance.ts";
import type { Bus } from "./bus.ts";
import { createBus } from "./create-bus.ts";
import { redisTransport } from "./redis-transport.ts";

const prefix = "test:bus:0";

interface RedisBusHarness extends BusHarness, AsyncDisposable {
  /** Of the server, which may be another one after a cut. */
  server(): TestRedis;
  /** Straight to the server. */
  ask: RedisConnection["run"];
  lines: string[];
}

/** Buses on a redis-server of their own, each with connections of its own as in processes of their own. */
async function openRedisBusHarness(patienceMs: number): Promise<RedisBusHarness> {
  let server = await startTestRedis();
  const { url, port } = server;
  const lines: string[] = [];
  const logger = createLogger({ service: "test", destination: { write: (line) => void lines.push(line) } });
  const connections: RedisConnection[] = [];
  const buses: Bus[] = [];
  const connect = async () => {
    const connection = await connectRedis({ options: { url }, logger, clock: systemClock });
    connections.push(connection);
    return connection;
  };
  const outside = await connect();

  return {
    patienceMs,
    lines,
    server: () => server,
    ask: (command) => outside.run(command),
    async open() {
      const transport = redisTransport({ connection: await connect(), redis: { url }, prefix, logger });
      const bus = await createBus({ transports: [transport], logger, clock: systemClock });
      buses.push(bus);
      return bus;
    },
    async publishRaw(record) {
      await outside.run((redis) => redis.publish(`${prefix}:a`, record));
    },
    async dropConnections() {
      await outside.run((redis) => redis.call("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"));
      await outside.run((redis) => redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
    },
    async cut() {
      await server[Symbol.asyncDispose]();
    },
    async mend() {
      server = await startTestRedis({ port });
    },
    async [Symbol.asyncDispose]() {
      for (const bus of buses) await bus.close();
      for (const connection of connections) await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

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
