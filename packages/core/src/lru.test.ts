import { expect, test } from "vitest";
import { Lru } from "./lru.ts";

test("a full one forgets what was used longest ago", () => {
  const lru = new Lru<number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  expect(lru.get("a")).toBe(1);
  lru.set("c", 3);
  expect([lru.get("a"), lru.get("b"), lru.get("c")]).toEqual([1, undefined, 3]);
  lru.set("c", 4);
  lru.delete("a");
  expect([lru.get("a"), lru.get("c")]).toEqual([undefined, 4]);
  lru.clear();
  expect(lru.get("c")).toBeUndefined();
});
