import { askRedis } from "@echo/cli/services";
import { describeWithRedisServer, startTestRedis } from "@echo/testing/redis";
import { expect, test, vi } from "vitest";
import { openTestConnection } from "./test-connection.ts";
import { openSlowProxy } from "./test-slow-proxy.ts";

const patience = { timeout: 10_000, interval: 20 };

describeWithRedisServer("a connection to Redis", () => {
  test("calls of one tick travel in one write", async () => {
    await using server = await startTestRedis();
    const { connection } = await openTestConnection(server.url);
    const reads = async () => {
      const info = await connection.run((redis) => redis.info("stats"));
      return Number(/total_reads_processed:(\d+)/.exec(info)?.[1]);
    };
    await connection.ping();
    const before = await reads();

    await Promise.all(Array.from({ length: 500 }, (_, key) => connection.run((redis) => redis.set(`k${key}`, "v"))));

    expect((await reads()) - before).toBeLessThan(20);
    await connection.close();
  });

  test("calls that wait when the server freezes all end within 250 ms, and those after it at once", async () => {
    await using server = await startTestRedis();
    const { connection, lines } = await openTestConnection(server.url);
    await connection.ping();
    server.signal("SIGSTOP");

    const startedMs = performance.now();
    const waiting = await Promise.allSettled(Array.from({ length: 1_000 }, () => connection.ping()));
    const endedMs = performance.now();
    await expect(connection.ping()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const refusedMs = performance.now() - endedMs;

    expect(waiting.every(({ status }) => status === "rejected")).toBe(true);
    // And what a busy machine may add.
    expect(endedMs - startedMs).toBeLessThan(250 + 150);
    expect(refusedMs).toBeLessThan(50);
    expect(lines.filter((line) => line.includes("Redis does not answer"))).toHaveLength(1);
    server.signal("SIGCONT");
    await vi.waitFor(() => connection.ping(), patience);
    await connection.close();
  });

  test("what Redis refuses is UNAVAILABLE for that call alone", async () => {
    await using server = await startTestRedis();
    const { connection } = await openTestConnection(server.url);
    await connection.run((redis) => redis.set("k", "text"));

    const refused = connection.run((redis) => redis.hget("k", "field"));

    await expect(refused).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("WRONGTYPE") });
    expect(await connection.ping()).toBeGreaterThan(0);
    await connection.close();
  });

  test("a busy process does not take its own silence for Redis'", async () => {
    await using server = await startTestRedis();
    const { connection } = await openTestConnection(server.url);

    const answer = connection.ping();
    const untilMs = performance.now() + 400;
    while (performance.now() < untilMs) JSON.parse("[1]");

    expect(await answer).toBeGreaterThan(0);
    expect(await connection.ping()).toBeGreaterThan(0);
    await connection.close();
  });

  test("a closed connection ends what waits and refuses the rest", async () => {
    await using server = await startTestRedis();
    const { connection } = await openTestConnection(server.url);
    server.signal("SIGSTOP");
    const waiting = connection.ping();

    const closing = connection.close();

    await expect(waiting).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await closing;
    await expect(connection.ping()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test("in a process that is busy all the time calls end all the same", async () => {
    await using server = await startTestRedis();
    const { connection } = await openTestConnection(server.url);
    await connection.ping();
    server.signal("SIGSTOP");
    let isOver = false;
    const beBusy = () => {
      const untilMs = performance.now() + 60;
      while (performance.now() < untilMs) JSON.parse("[1]");
      if (!isOver) setImmediate(beBusy);
    };
    beBusy();

    const outcome = connection.ping().catch((error: unknown) => error);

    expect(await outcome).toMatchObject({ code: "UNAVAILABLE" });
    isOver = true;
    server.signal("SIGCONT");
    await connection.close();
  });

  test("after a failover the primary is found, and whoever listens is told", async () => {
    await using old = await startTestRedis();
    await using primary = await startTestRedis();
    await using proxy = await openSlowProxy(old.port);
    const { connection } = await openTestConnection(`redis://127.0.0.1:${proxy.port}`);
    const isTold = vi.fn();
    connection.onReplica(isTold);
    const write = () => connection.run((redis) => redis.set("k", "v"));
    await write();

    await askRedis(old.url, ["REPLICAOF", "127.0.0.1", String(primary.port)]);
    await expect(write()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(isTold).toHaveBeenCalled();
    await expect(write()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    proxy.to = primary.port;

    await vi.waitFor(write, patience);
    await connection.close();
  });

  test("a wrong password is told at the start, without it", async () => {
    await using server = await startTestRedis({ args: ["--requirepass", "the right one"] });

    for (const url of [server.url, server.url.replace("redis://", "redis://:wrong@")]) {
      const opened = openTestConnection(url);
      await expect(opened).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
      await expect(opened).rejects.not.toMatchObject({ message: expect.stringContaining("wrong") });
    }
    const { connection } = await openTestConnection(server.url.replace("redis://", "redis://:the%20right%20one@"));
    await connection.close();
  });
});
