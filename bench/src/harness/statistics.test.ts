import { expect, test } from "vitest";
import { median, quantile, spread } from "./statistics.ts";

test("the median of an even count lies between the two in the middle", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});

test("a quantile interpolates between its neighbours and leaves the list as it was", () => {
  const values = [40, 10, 30, 20];

  expect(quantile(values, 0.25)).toBeCloseTo(17.5);
  expect(quantile(values, 1)).toBe(40);
  expect(values).toEqual([40, 10, 30, 20]);
});

test("no numbers have no quantile", () => {
  expect(() => median([])).toThrow(RangeError);
});

test("the spread is the middle half's width against the median", () => {
  expect(spread([1, 1, 1])).toBe(0);
  expect(spread([90, 95, 100, 105, 110])).toBeCloseTo(0.1);
  expect(spread([0, 0, 0, 1, 1])).toBe(Number.POSITIVE_INFINITY);
  expect(spread([0, 0, 0])).toBe(0);
});
