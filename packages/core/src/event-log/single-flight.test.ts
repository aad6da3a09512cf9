import { singleFlight } from "@echo/platform";
import { expect, test } from "vitest";
import { deferred } from "./test-log.ts";

/** Work that ends when it is told to. */
function workbench() {
  const runs: { end(fault?: Error): void }[] = [];
  const run = singleFlight(async () => {
    const ended = deferred<Error | undefined>();
    runs.push({ end: ended.resolve });
    const fault = await ended.promise;
    if (fault) throw fault;
  });
  return { run, runs };
}

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("all who ask during a run share the next one, which begins after it", async () => {
  const { run, runs } = workbench();
  const first = run();
  const others = [run(), run(), run()];
  await settle();
  expect(runs).toHaveLength(1);

  runs[0]?.end();
  await first;
  await settle();
  expect(runs).toHaveLength(2);

  runs[1]?.end();
  await Promise.all(others);
  await settle();
  expect(runs).toHaveLength(2);
});

test("who asks during the second run gets a third", async () => {
  const { run, runs } = workbench();
  const first = run();
  const second = run();
  runs[0]?.end();
  await first;
  await settle();
  const third = run();

  runs[1]?.end();
  await second;
  await settle();
  expect(runs).toHaveLength(3);
  runs[2]?.end();
  await third;
});

test("a run that fails tells those of its own, and the next one runs all the same", async () => {
  const { run, runs } = workbench();
  const first = run();
  const second = run();

  runs[0]?.end(new Error("a fault"));

  await expect(first).rejects.toThrow("a fault");
  await settle();
  runs[1]?.end();
  await expect(second).resolves.toBeUndefined();
  const third = run();
  runs[2]?.end();
  await expect(third).resolves.toBeUndefined();
});
