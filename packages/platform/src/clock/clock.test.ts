import { expect, test } from "vitest";
import { createManualClock, systemClock } from "./clock.ts";

test("the system clock tells the present, and its durations never go back", () => {
  const before = Date.now();
  const first = systemClock.monotonicMs();

  expect(systemClock.now().getTime()).toBeGreaterThanOrEqual(before);
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first);
});

test("a manual clock moves both clocks, and setting the wall clock leaves durations alone", () => {
  const clock = createManualClock(new Date(1_000));

  clock.advance(500);
  clock.setWallClock(new Date(10));

  expect(clock.now().getTime()).toBe(10);
  expect(clock.monotonicMs()).toBe(500);
});
