import { expect, test } from "vitest";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { createLifecycle } from "./lifecycle.ts";

function begin(timeoutMs?: number) {
  const written: string[] = [];
  const logger = createLogger({ service: "api", destination: { write: (line) => void written.push(line) } });
  const lifecycle = createLifecycle({ logger, clock: systemClock, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  return { lifecycle, written };
}

test("steps run from high to low, and within a priority the last opened first", async () => {
  const { lifecycle } = begin();
  const closed: string[] = [];
  lifecycle.onStop("low", "logger", () => void closed.push("logger"));
  lifecycle.onStop("normal", "database", () => void closed.push("database"));
  lifecycle.onStop("normal", "bus", () => void closed.push("bus"));
  lifecycle.onStop("high", "http server", () => void closed.push("http server"));

  expect(await lifecycle.stop()).toEqual({ stuck: [], failed: [] });
  expect(closed).toEqual(["http server", "bus", "database", "logger"]);
});

test("each step waits for the one before", async () => {
  const { lifecycle } = begin();
  const heard: string[] = [];
  lifecycle.onStop("normal", "database", () => void heard.push("database"));
  lifecycle.onStop("high", "hub", async () => {
    await new Promise(setImmediate);
    heard.push("hub drained");
  });

  await lifecycle.stop();

  expect(heard).toEqual(["hub drained", "database"]);
});

test("a stuck step is left after its time and named, and those after it still close", async () => {
  const { lifecycle, written } = begin(300);
  const closed: string[] = [];
  lifecycle.onStop("low", "logger", () => void closed.push("logger"));
  lifecycle.onStop("normal", "database", () => new Promise(() => undefined));
  lifecycle.onStop("high", "http server", () => new Promise(() => undefined));
  const startedMs = performance.now();

  const report = await lifecycle.stop();

  expect(report).toEqual({ stuck: ["http server", "database"], failed: [] });
  expect(closed).toEqual(["logger"]);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  expect(written.filter((line) => line.includes("did not close in time"))).toHaveLength(2);
});

test("a step that throws is named, and those after it still close", async () => {
  const { lifecycle, written } = begin();
  const closed: string[] = [];
  lifecycle.onStop("low", "logger", () => void closed.push("logger"));
  lifecycle.onStop("normal", "database", () => Promise.reject(new Error("still in use")));
  lifecycle.onStop("high", "http server", () => {
    throw new Error("not listening");
  });

  expect(await lifecycle.stop()).toEqual({ stuck: [], failed: ["http server", "database"] });
  expect(closed).toEqual(["logger"]);
  expect(written.join("")).toContain("still in use");
});

test("stopping twice stops once", async () => {
  const { lifecycle } = begin();
  let closed = 0;
  lifecycle.onStop("high", "http server", () => {
    closed += 1;
  });

  const [first, second] = await Promise.all([lifecycle.stop(), lifecycle.stop()]);

  expect(closed).toBe(1);
  expect(second).toBe(first);
  expect(lifecycle.isStopping).toBe(true);
});

test("what is opened while the process stops is closed at once", async () => {
  const { lifecycle } = begin();
  await lifecycle.stop();

  const closed = new Promise<string>((resolve) => {
    lifecycle.onStop("high", "late server", () => resolve("closed"));
  });

  expect(await closed).toBe("closed");
});
