import { expect, test } from "vitest";
import { createRepeatFilter } from "./repeat-filter.ts";

test("what comes again is no news, by whichever way and in whichever order", () => {
  const isNews = createRepeatFilter();
  const heard = [1, 3, 2, 3, 1, 4, 2].filter((serial) => isNews("p", { serial }));

  expect(heard).toEqual([1, 3, 2, 4]);
  expect(isNews("q", { serial: 1 })).toBe(true);
});

test("a publisher is heard on after a number ahead of its time", () => {
  const isNews = createRepeatFilter();
  isNews("p", { serial: 1 });
  isNews("p", { serial: 1_000_000_000 });

  const heard = Array.from({ length: 10 }, (_, n) => n + 2).filter((serial) => isNews("p", { serial }));

  expect(heard).toHaveLength(10);
  expect(isNews("p", { serial: 5 })).toBe(false);
});

test("repeats are known over a whole batch, however many went before", () => {
  const isNews = createRepeatFilter();
  for (let serial = 1; serial <= 20_000; serial += 1) isNews("p", { serial });

  const again = Array.from({ length: 1_000 }, (_, n) => 20_000 - n).filter((serial) => isNews("p", { serial }));

  expect(again).toEqual([]);
});
