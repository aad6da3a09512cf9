import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Logger } from "../logger/logger.ts";
import { repeat } from "./repeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work of which runs fail as long as `broken` says so, and what is logged of it. */
function start() {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const logger: Logger = { debug: say, info: say, warn: say, error: say, fatal: say, child: () => logger };
  const state = { runs: 0, broken: false };
  const repeated = repeat({ name: "the work", everyMs: 1_000, maxPauseMs: 4_000, logger }, async () => {
    state.runs += 1;
    if (state.broken) throw new Error("a fault");
  });
  return { said, state, repeated };
}

test("work is repeated until it is stopped", async () => {
  const { state, repeated } = start();
  await vi.advanceTimersByTimeAsync(3_500);
  expect(state.runs).toBe(3);

  await repeated.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.runs).toBe(3);
});

test("failures double the pause up to a bound and are told once, and so is their end", async () => {
  const { said, state, repeated } = start();
  state.broken = true;
  // At 1, 3, 7, 11, 15 s.
  await vi.advanceTimersByTimeAsync(15_500);
  expect(state.runs).toBe(5);
  expect(said).toEqual(["the work failed; trying again"]);

  state.broken = false;
  // At 19, 20, 21 s.
  await vi.advanceTimersByTimeAsync(6_000);
  expect(state.runs).toBe(8);
  expect(said).toEqual(["the work failed; trying again", "the work works again"]);
  await repeated.stop();
});
