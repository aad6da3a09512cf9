import { afterEach, expect, test, vi } from "vitest";
import { Batcher } from "./batcher.ts";

afterEach(() => void vi.useRealTimers());

/** Loads that end when they are told to; each answers with what it was asked, in capitals. */
function workbench(maxBatch = 100, maxRunning?: number) {
  const loads: { asked: readonly string[]; end(fault?: Error): void }[] = [];
  const batcher = new Batcher<string, string>({
    maxBatch,
    ...(maxRunning === undefined ? {} : { maxRunning }),
    load: (asked) =>
      new Promise((resolve, reject) => {
        const end = (fault?: Error) => (fault ? reject(fault) : resolve(asked.map((key) => key.toUpperCase())));
        loads.push({ asked, end });
      }),
  });
  const loadAll = (...keys: string[]) => Promise.all(keys.map((key) => batcher.load(key)));
  return { loads, batcher, loadAll, asked: () => loads.map(({ asked }) => asked.join("")) };
}

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("what is asked in one turn is loaded together, and each caller gets his own", async () => {
  const { loadAll, asked, loads } = workbench();
  const answers = loadAll("b", "a", "b");
  await settle();

  expect(asked()).toEqual(["bab"]);
  loads[0]?.end();
  expect(await answers).toEqual(["B", "A", "B"]);
});

test("a load begins after the call, and nobody joins one that has begun", async () => {
  const { loadAll, asked, loads } = workbench();
  const first = loadAll("a");
  expect(asked()).toEqual([]);
  await settle();
  const late = [loadAll("b"), loadAll("c")];
  await settle();
  expect(asked()).toEqual(["a"]);

  loads[0]?.end();
  await settle();
  expect(asked()).toEqual(["a", "bc"]);
  loads[1]?.end();
  expect(await Promise.all([first, ...late])).toEqual([["A"], ["B"], ["C"]]);
});

test("a load that hangs keeps nobody waiting", async () => {
  const { loadAll, asked, loads } = workbench();
  const hanging = loadAll("a");
  await settle();
  const others = loadAll("b", "c");

  await vi.waitFor(() => expect(asked()).toEqual(["a", "bc"]));
  loads[1]?.end();
  expect(await others).toEqual(["B", "C"]);
  loads[0]?.end();
  expect(await hanging).toEqual(["A"]);
});

test("beside loads that hang others go on as fast as without them, and more than may run wait", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { loadAll, asked, loads } = workbench(100, 3);
  const hanging = loadAll("a");
  const other = settle().then(() => loadAll("b"));
  await vi.waitFor(() => expect(asked()).toEqual(["a", "b"]));
  loads[1]?.end();
  await other;

  const next = loadAll("c");
  await settle();
  expect(asked()).toEqual(["a", "b", "c"]);
  loads[2]?.end();
  await next;

  const late = [loadAll("d"), settle().then(() => loadAll("e"))];
  await vi.waitFor(() => expect(asked()).toEqual(["a", "b", "c", "d", "e"]));
  const last = loadAll("f");
  await vi.advanceTimersByTimeAsync(10_000);
  await settle();
  expect(asked()).toEqual(["a", "b", "c", "d", "e"]);
  for (const { end } of loads) end();
  await vi.waitFor(() => expect(asked()).toHaveLength(6));
  loads[5]?.end();
  await Promise.all([hanging, ...late, last]);
});

test("no load is asked more than it may be", async () => {
  const { loadAll, asked, loads } = workbench(2);
  const answers = loadAll("a", "b", "c", "d", "e");
  await settle();
  expect(asked()).toEqual(["ab", "cd"]);

  for (const { end } of loads) end();
  await settle();
  expect(asked()).toEqual(["ab", "cd", "e"]);
  loads[2]?.end();
  expect(await answers).toEqual(["A", "B", "C", "D", "E"]);
});

test("a load that fails tells those who asked in it alone", async () => {
  const { batcher, loads } = workbench();
  const first = [batcher.load("a"), batcher.load("b")];
  const ended = Promise.allSettled(first);
  await settle();
  const other = batcher.load("c");

  loads[0]?.end(new Error("a fault"));
  await settle();
  loads[1]?.end();
  expect(await ended).toEqual([
    { status: "rejected", reason: new Error("a fault") },
    { status: "rejected", reason: new Error("a fault") },
  ]);
  expect(await other).toBe("C");
  const next = batcher.load("d");
  await settle();
  loads[2]?.end();
  expect(await next).toBe("D");
});
