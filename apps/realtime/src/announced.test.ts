import { expect, test } from "vitest";
import { Announced } from "./announced.ts";

const batch = (from: number, ...streamIds: string[]) => ({ from, streamIds, userIds: [`u${from}`] });

function announcedOf(...batches: [to: number, from: number, ...streamIds: string[]][]): Announced {
  const announced = new Announced();
  for (const [to, from, ...streamIds] of batches) announced.add(to, batch(from, ...streamIds));
  return announced;
}

test("announcements that join are one range, which is about all of theirs", () => {
  const announced = announcedOf([3, 0, "a", "b"], [4, 3, "b"], [9, 4, "c"]);

  expect(announced.next(0, 9, 100)).toEqual({
    to: 9,
    names: { streamIds: ["a", "b", "c"], userIds: ["u0", "u3", "u4"] },
  });
});

test("a place within a batch is in its range", () => {
  expect(announcedOf([3, 0, "a"], [5, 3, "b"]).next(1, 5, 100)).toEqual({
    to: 5,
    names: { streamIds: ["a", "b"], userIds: ["u0", "u3"] },
  });
});

test("a range ends with the batch that fills it, and the next begins there", () => {
  const announced = announcedOf([3, 0, "a"], [5, 3, "b"], [7, 5, "c"]);

  expect(announced.next(0, 7, 4)).toMatchObject({ to: 5, names: { streamIds: ["a", "b"] } });
  expect(announced.next(5, 7, 4)).toMatchObject({ to: 7, names: { streamIds: ["c"] } });
});

test("before, between and behind announcements anything may be", () => {
  const announced = announcedOf([5, 3, "a"], [9, 7, "b"]);

  expect(announced.next(1, 12, 100)).toEqual({ to: 3, names: null });
  expect(announced.next(3, 12, 100)).toMatchObject({ to: 5, names: { streamIds: ["a"] } });
  expect(announced.next(5, 12, 100)).toEqual({ to: 7, names: null });
  expect(announced.next(8, 12, 100)).toMatchObject({ to: 9, names: { streamIds: ["b"] } });
  expect(announced.next(9, 12, 100)).toEqual({ to: 12, names: null });
});

test("what was told of another log is forgotten", () => {
  const announced = announcedOf([5, 0, "a"]);

  announced.clear();

  expect(announced.next(0, 5, 100)).toEqual({ to: 5, names: null });
});

test("more batches than a node keeps are forgotten, and read whole", () => {
  const announced = announcedOf();
  for (let from = 0; from < 1_030; from += 1) announced.add(from + 1, batch(from, "a"));

  expect(announced.next(0, 1_030, 100)).toEqual({ to: 1_024, names: null });
  expect(announced.next(1_024, 1_030, 100)).toMatchObject({ to: 1_030, names: { streamIds: ["a"] } });
});
