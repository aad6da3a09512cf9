import type { LimitPolicy } from "./limits.ts";

/** Under what a key is counted: policies that differ in anything count apart. */
export function countedKey(policy: LimitPolicy, key: string): string {
  const figures = policy.kind === "bucket" ? [policy.burst, policy.perSecond] : [policy.limit, policy.windowMs];
  return [policy.kind, policy.name, ...figures, key].join("/");
}

/** @throws RangeError */
export function checkCost(policy: LimitPolicy, cost: number): void {
  const most = policy.kind === "bucket" ? policy.burst : policy.limit;
  if (Number.isInteger(cost) && cost >= 1 && cost <= most) return;
  throw new RangeError(`"${policy.name}" cannot take ${cost} of ${most}`);
}
