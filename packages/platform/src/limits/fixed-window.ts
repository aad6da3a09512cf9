import { allowed, type Counting, refused } from "./counting.ts";
import type { FixedPolicy } from "./limits.ts";

interface FixedWindow {
  /** Windows since 1970, so that they align to the clock. */
  index: number;
  count: number;
}

const indexAt = ({ windowMs }: FixedPolicy, nowMs: number): number => Math.floor(nowMs / windowMs);

export const fixedWindow: Counting<FixedPolicy, FixedWindow> = {
  begin: (policy, nowMs) => ({ index: indexAt(policy, nowMs), count: 0 }),

  take(window, { policy, nowMs, cost }) {
    const index = indexAt(policy, nowMs);
    if (window.index !== index) Object.assign(window, { index, count: 0 });
    const fits = window.count + cost <= policy.limit;
    if (fits) window.count += cost;
    const resetMs = (index + 1) * policy.windowMs - nowMs;
    const outcome = { limit: policy.limit, left: policy.limit - window.count, resetMs };
    return fits ? allowed(outcome) : refused(outcome, resetMs);
  },

  /** What was taken in a window that is over is not given to the next. */
  refund(window, { policy, nowMs, cost }) {
    if (window.index === indexAt(policy, nowMs)) window.count = Math.max(0, window.count - cost);
  },
};
