import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

const policy = { name: "socket", kind: "bucket", burst: 40, perSecond: 20 } as const;

test("a burst passes, then so many a second, and a refusal says when the next one passes", () => {
  const bucket = new TokenBucket(policy, 0);
  const taken = (count: number, nowMs: number) =>
    Array.from({ length: count }, () => bucket.take(nowMs)).filter((waitMs) => waitMs === 0).length;

  expect(taken(60, 0)).toBe(40);
  expect(bucket.take(0)).toBe(50);
  expect(taken(60, 1_000)).toBe(20);
  expect(taken(60, 60_000)).toBe(40);
});
