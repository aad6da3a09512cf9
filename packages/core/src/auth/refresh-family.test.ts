import { describe, expect, test } from "vitest";
import { createFamilyKey, deviceTokenOf, hashToken, judgeRefresh, successorOf } from "./refresh-family.ts";

const start = new Date("2026-11-25T12:00:00.000Z");
const after = (ms: number) => new Date(start.getTime() + ms);
const graceMs = 10_000;
const newest = { gen: 4, newestGen: 4, usedGen: 4, firstUsedAt: null, expiresAt: after(86_400_000) };
const predecessor = { ...newest, gen: 3, firstUsedAt: start };

describe("judgeRefresh", () => {
  test("the newest token is exchanged", () => {
    expect(judgeRefresh(newest, start, graceMs)).toBe("rotate");
  });
  test("its predecessor gives the same again for 10 s from its first use, whatever was used since", () => {
    expect(judgeRefresh(predecessor, after(10_000), graceMs)).toBe("repeat");
    expect(judgeRefresh(predecessor, after(10_001), graceMs)).toBe("reuse");
  });
  test("later only while nothing that came with the successor was used", () => {
    expect(judgeRefresh({ ...predecessor, usedGen: 3 }, after(3_600_000), graceMs)).toBe("repeat");
    expect(judgeRefresh({ ...predecessor, usedGen: 4 }, after(3_600_000), graceMs)).toBe("reuse");
  });
  test("anything older is reuse, at once and although it was never used again", () => {
    expect(judgeRefresh({ ...predecessor, gen: 2 }, after(1), graceMs)).toBe("reuse");
    expect(judgeRefresh({ ...predecessor, gen: 2, usedGen: 2 }, after(1), graceMs)).toBe("reuse");
  });
  test("an expired token is neither exchanged nor forgiven, and an older one stays reuse", () => {
    const expired = { expiresAt: start };
    expect(judgeRefresh({ ...newest, ...expired }, start, graceMs)).toBe("expired");
    expect(judgeRefresh({ ...predecessor, ...expired }, start, graceMs)).toBe("expired");
    expect(judgeRefresh({ ...predecessor, gen: 1, ...expired }, start, graceMs)).toBe("reuse");
  });
});

test("a successor is 256 bits, the same each time, and of its family alone", () => {
  const key = createFamilyKey();
  const first = successorOf(key, "token");
  expect(first).toMatch(/^[\w-]{43}$/);
  expect(successorOf(key, "token")).toBe(first);
  expect(successorOf(createFamilyKey(), "token")).not.toBe(first);
  expect(successorOf(key, first)).not.toBe(first);
  expect(deviceTokenOf(key)).not.toBe(first);
  expect(hashToken(first)).toHaveLength(32);
});
