import { expect, test } from "vitest";
import { perSecondOf, untilDone } from "./watch-progress.ts";

test("a watch ends with the first look that finds enough done", async () => {
  const looks = [0, 40, 120, 300];

  const mark = await untilDone(() => looks.shift() ?? Number.NaN, 100);

  expect(mark.done).toBe(120);
  expect(looks).toEqual([300]);
});

test("a rate counts what was done between two moments, and not before", () => {
  expect(perSecondOf({ done: 100, atMs: 5_000 }, { done: 1_100, atMs: 7_000 })).toBe(500);
});
