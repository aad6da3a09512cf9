import { expect, test, vi } from "vitest";
import { createManualClock } from "../clock/clock.ts";
import { type Check, createHealth, httpStatusOfReady, withoutChecks } from "./health.ts";

const up: Check = { probe: async () => 1, isVital: true };
const down = (isVital: boolean): Check => ({ probe: () => Promise.reject(new Error("connection refused")), isVital });
const facts = { service: "api", version: "1.2.3", clock: createManualClock(new Date("2026-11-25T00:00:00Z")) };

test("/health says that the process lives, whatever its checks", () => {
  const health = createHealth({ ...facts, checks: { database: down(true) } });

  expect(health.live()).toEqual({
    status: "healthy",
    timestamp: "2026-11-25T00:00:00.000Z",
    service: "api",
    version: "1.2.3",
  });
});

test("ready is healthy when every check answers", async () => {
  const health = createHealth({ ...facts, checks: { database: up, cache: { ...up, isVital: false } } });

  expect(await health.ready()).toEqual({
    status: "healthy",
    timestamp: "2026-11-25T00:00:00.000Z",
    service: "api",
    version: "1.2.3",
    checks: { database: { status: "up", latencyMs: 0 }, cache: { status: "up", latencyMs: 0 } },
  });
});

test("what the process can do without makes it degraded and is named", async () => {
  const ready = await createHealth({ ...facts, checks: { database: up, cache: down(false) } }).ready();

  expect(ready.status).toBe("degraded");
  expect(ready.checks.cache).toEqual({ status: "down", latencyMs: 0, error: "connection refused" });
  expect(httpStatusOfReady[ready.status]).toBe(200);
});

test("what it cannot do without makes it unhealthy: 503", async () => {
  const ready = await createHealth({ ...facts, checks: { database: down(true), cache: up } }).ready();

  expect(ready.status).toBe("unhealthy");
  expect(httpStatusOfReady[ready.status]).toBe(503);
});

test("a check that never answers is down after its time", async () => {
  const stuck: Check = { probe: () => new Promise(() => undefined), isVital: true };

  const ready = await createHealth({ ...facts, checks: { database: stuck, cache: up }, timeoutMs: 20 }).ready();

  expect(ready.checks.database).toMatchObject({ status: "down", error: "no answer within 20 ms" });
  expect(ready.checks.cache?.status).toBe("up");
});

test("a check that throws at once is down as well", async () => {
  const broken: Check = {
    probe: () => {
      throw new Error("not connected");
    },
    isVital: true,
  };

  expect((await createHealth({ ...facts, checks: { bus: broken } }).ready()).checks.bus?.error).toBe("not connected");
});

test("questions of the same moment share one run; a later one asks again", async () => {
  const probe = vi.fn(async () => 1);
  const health = createHealth({ ...facts, checks: { database: { probe, isVital: true } } });

  await Promise.all([health.ready(), health.ready(), health.ready()]);
  expect(probe).toHaveBeenCalledTimes(1);
  await health.ready();
  expect(probe).toHaveBeenCalledTimes(2);
});

test("a draining process is unhealthy although its checks are up", async () => {
  const health = createHealth({ ...facts, checks: { database: up } });

  health.drain();

  expect(await health.ready()).toMatchObject({ status: "unhealthy", checks: { database: { status: "up" } } });
});

test("the public answer has no checks", async () => {
  const ready = await createHealth({ ...facts, checks: { database: up } }).ready();

  expect(Object.keys(withoutChecks(ready)).sort()).toEqual(["service", "status", "timestamp", "version"]);
});
