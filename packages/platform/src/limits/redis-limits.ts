import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { Clock } from "../clock/clock.ts";
import type { RedisConnection } from "../redis/redis-connection.ts";
import { checkCost, countedKey, figuresOf } from "./limit-key.ts";
import type { LimitPolicy, LimitResult, Limits } from "./limits.ts";
import { limitScripts } from "./redis-scripts.ts";

export interface RedisLimitsOptions {
  connection: RedisConnection;
  /** Begins every key. */
  prefix: string;
  /** Default: Redis' own, the same for all processes. */
  clock?: Clock;
}

const Answer = z.tuple([z.int(), z.int(), z.int(), z.int()]);

/** Counts in Redis, for all processes together; each take is one script. */
export function createRedisLimits({ connection, prefix, clock }: RedisLimitsOptions): Limits {
  const nameOf = (policy: LimitPolicy, key: string) => `${prefix}:limit:${countedKey(policy, key)}`;
  const count = async (verb: "take" | "refund", policy: LimitPolicy, { key, cost }: { key: string; cost: number }) => {
    checkCost(policy, cost);
    const args = [nameOf(policy, key), clock?.now().getTime() ?? "", verb, cost, ...figuresOf(policy)];
    return connection.run((redis) => runScript(redis, scripts[policy.kind], args));
  };
  return {
    driver: { name: "redis", isShared: true },
    take: async (policy, key, cost = 1) => toResult(policy, await count("take", policy, { key, cost })),
    async refund(policy, key, cost = 1) {
      await count("refund", policy, { key, cost });
    },
    async reset(policy, key) {
      await connection.run((redis) => redis.unlink(nameOf(policy, key)));
    },
    ping: () => connection.ping(),
    /** The connection is of whoever opened it. */
    close: async () => undefined,
  };
}

interface Script {
  lua: string;
  sha1: string;
}

const scriptOf = (lua: string): Script => ({ lua, sha1: createHash("sha1").update(lua).digest("hex") });
const scripts: Record<LimitPolicy["kind"], Script> = {
  fixed: scriptOf(limitScripts.fixed),
  sliding: scriptOf(limitScripts.sliding),
  bucket: scriptOf(limitScripts.bucket),
};

/** By its hash; a server that was restarted is told the text once more. */
async function runScript(redis: Redis, { lua, sha1 }: Script, args: (string | number)[]): Promise<unknown> {
  try {
    return await redis.evalsha(sha1, 1, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return redis.eval(lua, 1, ...args);
  }
}

function toResult(policy: LimitPolicy, answer: unknown): LimitResult {
  const [allowed, remaining, resetMs, retryAfterMs] = Answer.parse(answer);
  const [limit] = figuresOf(policy);
  return { allowed: allowed === 1, limit, remaining, resetMs, retryAfterMs };
}
