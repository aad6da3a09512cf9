import type { LimitPolicy } from "./limits.ts";

/** What a policy counts by, in the order of its type. */
export const figuresOf = (policy: LimitPolicy): [number, number] =>
  policy.kind === "bucket" ? [policy.burst, policy.perSecond] : [policy.limit, policy.windowMs];

/** Under what a key is counted: policies that differ in anything count apart. */
export function countedKey(policy: LimitPolicy, key: string): string {
  return [policy.kind, policy.name, ...figuresOf(policy), key].join("/");
}

/** @throws RangeError */
export function checkCost(policy: LimitPolicy, cost: number): void {
  const [most] = figuresOf(policy);
  if (Number.isInteger(cost) && cost >= 1 && cost <= most) return;
  throw new RangeError(`"${policy.name}" cannot take ${cost} of ${most}`);
}
