import { LRUCache } from "lru-cache";
import type { Clock } from "../clock/clock.ts";
import { unavailable } from "../errors.ts";
import type { Counting } from "./counting.ts";
import { fixedWindow } from "./fixed-window.ts";
import { checkCost, countedKey } from "./limit-key.ts";
import type { LimitPolicy, Limits } from "./limits.ts";
import { slidingWindow } from "./sliding-window.ts";
import { tokenBucket } from "./token-bucket.ts";

export interface MemoryLimitsOptions {
  clock: Clock;
  /**
   * Counted keys at most. Beyond, the one not asked for longest is forgotten: who has that many addresses gets round a
   * limit by address anyway. Default 200,000.
   */
  maxKeys?: number;
}

/** Counts in this process alone: N processes let N times as much pass. */
export function createMemoryLimits({ clock, maxKeys = 200_000 }: MemoryLimitsOptions): Limits {
  const states = new LRUCache<string, object>({ max: maxKeys });
  let isClosed = false;

  const entryOf = (policy: LimitPolicy, key: string, cost: number) => {
    if (isClosed) throw unavailable("The limits are closed");
    checkCost(policy, cost);
    const attempt = { policy, nowMs: clock.now().getTime(), cost };
    const counting = countingOf(policy);
    const id = countedKey(policy, key);
    const known = states.get(id);
    const state = known ?? counting.begin(policy, attempt.nowMs);
    if (!known) states.set(id, state);
    return { counting, state, attempt };
  };

  return {
    driver: { name: "memory", isShared: false },
    async take(policy, key, cost = 1) {
      const { counting, state, attempt } = entryOf(policy, key, cost);
      return counting.take(state, attempt);
    },
    async refund(policy, key, cost = 1) {
      const { counting, state, attempt } = entryOf(policy, key, cost);
      counting.refund(state, attempt);
    },
    async reset(policy, key) {
      states.delete(countedKey(policy, key));
    },
    async ping() {
      if (isClosed) throw unavailable("The limits are closed");
      return 0;
    },
    async close() {
      isClosed = true;
      states.clear();
    },
  };
}

const countings = { fixed: fixedWindow, sliding: slidingWindow, bucket: tokenBucket };

/** The kind names the way to count, and an id never holds the state of another kind: what TypeScript cannot see. */
function countingOf(policy: LimitPolicy): Counting<LimitPolicy, object> {
  return countings[policy.kind] as unknown as Counting<LimitPolicy, object>;
}
