import { expect, test } from "vitest";
import { z } from "zod";
import { type CacheHarness, cacheConformance } from "./cache.conformance.ts";
import { createCache } from "./create-cache.ts";
import { createMemoryStore } from "./memory-store.ts";

function openHarness(): CacheHarness {
  const cache = createCache(createMemoryStore());
  return { cache, makeUnavailable: () => cache.close() };
}

test.each(cacheConformance)("memory cache: $name", async ({ run }) => {
  await run(openHarness());
});

test("the memory cache says that processes do not share it", () => {
  expect(openHarness().cache.driver).toEqual({ name: "memory", isShared: false });
});

test("it holds no more keys than its bound: the least recently used goes", async () => {
  const space = createCache(createMemoryStore({ maxKeys: 2 })).space("words", z.string());

  await space.set("a", "1", 60_000);
  await space.set("b", "2", 60_000);
  await space.get("a");
  await space.set("c", "3", 60_000);

  expect(await space.getMany(["a", "b", "c"])).toEqual(["1", null, "3"]);
});

test("it holds no more text than its bound", async () => {
  const space = createCache(createMemoryStore({ maxUnits: 1_000 })).space("words", z.string());
  const word = "x".repeat(300);

  for (const key of ["a", "b", "c", "d"]) await space.set(key, word, 60_000);

  expect(await space.getMany(["a", "b", "c", "d"])).toEqual([null, word, word, word]);
});
