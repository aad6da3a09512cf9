import { setTimeout as wait } from "node:timers/promises";

const lookEveryMs = 10;
const withinMs = 120_000;

/** What was done by a moment. */
interface Mark {
  done: number;
  atMs: number;
}

/** Looks again and again until so much is done. @throws Error when it takes more than two minutes */
export async function untilDone(count: () => number | Promise<number>, wanted: number): Promise<Mark> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const done = await count();
    const atMs = performance.now();
    if (done >= wanted) return { done, atMs };
    if (atMs > endMs) throw new Error(`${done} of ${wanted} after ${withinMs / 1_000} s`);
    await wait(lookEveryMs);
  }
}

/** Between two moments. */
export const perSecondOf = (from: Mark, to: Mark): number => ((to.done - from.done) * 1_000) / (to.atMs - from.atMs);
