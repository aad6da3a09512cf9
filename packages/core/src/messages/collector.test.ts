import { expect, test } from "vitest";
import { createCollector } from "./collector.ts";

/** A write that a test lets go on when it likes. */
function heldWrites() {
  const batches: { items: number[]; done: (answers: number[]) => void; fail: (reason: Error) => void }[] = [];
  const write = (items: number[]) =>
    new Promise<number[]>((done, fail) => {
      batches.push({ items, done, fail });
    });
  return { batches, write };
}

const fast = { everyMs: 5, maxItems: 100, maxWaiting: 1_000 };
const until = (condition: () => boolean) => expect.poll(condition, { interval: 1 }).toBe(true);

test("each caller is answered after the write that has its item", async () => {
  const { batches, write } = heldWrites();
  const collector = createCollector(write, fast);

  const answers = [collector.add(1), collector.add(2), collector.add(3)];
  await until(() => batches.length === 1);

  expect(batches[0]?.items).toEqual([1, 2, 3]);
  batches[0]?.done([10, 20, 30]);
  expect(await Promise.all(answers)).toEqual([10, 20, 30]);
});

test("one write runs at a time, and what came meanwhile goes with the next", async () => {
  const { batches, write } = heldWrites();
  const collector = createCollector(write, fast);

  const first = collector.add(1);
  await until(() => batches.length === 1);
  const later = [collector.add(2), collector.add(3)];
  expect(batches).toHaveLength(1);
  batches[0]?.done([10]);
  await first;
  await until(() => batches.length === 2);

  expect(batches[1]?.items).toEqual([2, 3]);
  batches[1]?.done([20, 30]);
  expect(await Promise.all(later)).toEqual([20, 30]);
});

test("a full batch does not wait for its time", async () => {
  const { batches, write } = heldWrites();
  const collector = createCollector(write, { ...fast, everyMs: 1_000_000, maxItems: 2 });
  void collector.add(0);
  await until(() => batches.length === 1);
  batches[0]?.done([0]);

  const answers = [collector.add(1), collector.add(2)];
  await until(() => batches.length === 2);

  expect(batches[1]?.items).toEqual([1, 2]);
  batches[1]?.done([1, 2]);
  await Promise.all(answers);
});

test("a failed write fails its own callers and no later one", async () => {
  const { batches, write } = heldWrites();
  const collector = createCollector(write, fast);

  const failed = collector.add(1);
  await until(() => batches.length === 1);
  batches[0]?.fail(new Error("the database is away"));
  await expect(failed).rejects.toThrow("the database is away");

  const later = collector.add(2);
  await until(() => batches.length === 2);
  batches[1]?.done([20]);
  expect(await later).toBe(20);
});

test("draining writes what waits without its pause", async () => {
  const written: number[] = [];
  const write = async (items: number[]) => {
    written.push(...items);
    return items;
  };
  const collector = createCollector(write, { ...fast, everyMs: 1_000_000 });
  await collector.add(1);
  void collector.add(2);

  await collector.drain();

  expect(written).toEqual([1, 2]);
});

test("one more than may wait is refused at once, and the others are written", async () => {
  const { batches, write } = heldWrites();
  const collector = createCollector(write, { ...fast, maxWaiting: 2 });
  const first = collector.add(1);
  await until(() => batches.length === 1);

  const waiting = [collector.add(2), collector.add(3)];
  await expect(collector.add(4)).rejects.toMatchObject({ code: "UNAVAILABLE" });

  batches[0]?.done([10]);
  await until(() => batches.length === 2);
  batches[1]?.done([20, 30]);
  expect(await Promise.all([first, ...waiting])).toEqual([10, 20, 30]);
});
