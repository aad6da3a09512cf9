import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("the first wait is short, later ones double to half a minute", () => {
  const longest = Array.from({ length: 9 }, (_, attempt) => backoffMs(attempt, () => 1));

  expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("at least half of a wait is sure and the rest is spread, so that clients do not come back together", () => {
  expect(backoffMs(3, () => 0)).toBe(2_000);
  expect(new Set(Array.from({ length: 100 }, () => backoffMs(3))).size).toBeGreaterThan(50);
});
