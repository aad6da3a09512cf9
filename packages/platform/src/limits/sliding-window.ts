import { type Attempt, allowed, type Counting, refused } from "./counting.ts";
import type { SlidingPolicy } from "./limits.ts";

/**
 * The window is counted in slices, and the slice that it only half covers counts in full: so no window ever holds more
 * than the limit, at the price of a place that comes back up to a twentieth of the window late.
 */
const slicesPerWindow = 20;

interface SlidingWindow {
  /** Index of the newest slice, in slices since 1970. */
  newest: number;
  /** Oldest first; the last is the newest. */
  counts: number[];
}

const sliceMs = ({ windowMs }: SlidingPolicy): number => windowMs / slicesPerWindow;
const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

export const slidingWindow: Counting<SlidingPolicy, SlidingWindow> = {
  begin: (policy, nowMs) => ({
    newest: Math.floor(nowMs / sliceMs(policy)),
    counts: new Array<number>(slicesPerWindow + 1).fill(0),
  }),

  take(window, { policy, nowMs, cost }) {
    slideTo(window, Math.floor(nowMs / sliceMs(policy)));
    const taken = sum(window.counts);
    const fits = taken + cost <= policy.limit;
    if (fits) window.counts[slicesPerWindow] = (window.counts[slicesPerWindow] ?? 0) + cost;
    const left = policy.limit - taken - (fits ? cost : 0);
    const outcome = { limit: policy.limit, left, resetMs: msUntilFree(window, { policy, nowMs, cost: policy.limit }) };
    return fits ? allowed(outcome) : refused(outcome, msUntilFree(window, { policy, nowMs, cost }));
  },

  /** The newest go first: they would stay longest. */
  refund(window, { policy, nowMs, cost }) {
    slideTo(window, Math.floor(nowMs / sliceMs(policy)));
    let owed = cost;
    for (let slice = slicesPerWindow; slice >= 0 && owed > 0; slice -= 1) {
      const given = Math.min(owed, window.counts[slice] ?? 0);
      window.counts[slice] = (window.counts[slice] ?? 0) - given;
      owed -= given;
    }
  },
};

/** A clock that went back begins anew: what was counted then tells nothing of now. */
function slideTo(window: SlidingWindow, newest: number): void {
  const passed = newest - window.newest;
  if (passed < 0 || passed > slicesPerWindow) window.counts.fill(0);
  else window.counts.push(...window.counts.splice(0, passed).fill(0));
  window.newest = newest;
}

/** Until enough slices have left the window for `cost` to fit. */
function msUntilFree({ counts, newest }: SlidingWindow, { policy, nowMs, cost }: Attempt<SlidingPolicy>): number {
  let excess = sum(counts) + cost - policy.limit;
  if (excess <= 0) return 0;
  const leaving = counts.findIndex((count) => {
    excess -= count;
    return excess <= 0;
  });
  return Math.ceil((newest + leaving + 1) * sliceMs(policy) - nowMs);
}
