import { expect, test } from "vitest";
import { alternate } from "./run-row.ts";

test("the contestants of a stage take turns, and another one begins each round", async () => {
  const order: string[] = [];
  const contestants = ["Echo", "raw", "other"].map((name) => ({
    name,
    async round() {
      order.push(name);
      return { turn: order.length };
    },
  }));

  const results = await alternate({ contestants }, 3, () => undefined);

  expect(order).toEqual(["Echo", "raw", "other", "raw", "other", "Echo", "other", "Echo", "raw"]);
  expect(results.Echo).toEqual([{ turn: 1 }, { turn: 6 }, { turn: 8 }]);
});
