import { expect, test } from "vitest";
import { Seen } from "./seen.ts";

test("a key is new once", () => {
  const seen = new Seen(2);

  expect([seen.add("a"), seen.add("a"), seen.add("b"), seen.add("a")]).toEqual([false, true, false, true]);
});

test("no more than its size is remembered, the oldest goes first", () => {
  const seen = new Seen(2);
  for (const key of ["a", "b", "c"]) seen.add(key);

  expect([seen.add("c"), seen.add("b"), seen.add("a")]).toEqual([true, true, false]);
});
