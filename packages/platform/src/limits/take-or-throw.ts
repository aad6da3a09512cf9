import { tooManyRequests } from "../errors.ts";
import type { LimitPolicy, LimitResult, Limits } from "./limits.ts";

/**
 * One take that a caller cannot do without.
 * @throws EchoError TOO_MANY_REQUESTS that names the policy
 */
export async function takeOrThrow(limits: Limits, policy: LimitPolicy, key: string): Promise<LimitResult> {
  const result = await limits.take(policy, key);
  if (!result.allowed) throw tooManyRequests(policy.name, result.retryAfterMs);
  return result;
}
