import { expect, test } from "vitest";
import { wholeNumberOf } from "./whole-number.ts";

test("a seed of nine digits, as a run prints it, can be given back", () => {
  expect(wholeNumberOf("590094139")).toBe(590_094_139);
  expect(wholeNumberOf("0")).toBe(0);
});

test.each(["", "-1", "1e3", "1.5", "1234567890", "seven"])("%j is no whole number", (text) => {
  expect(() => wholeNumberOf(text)).toThrow("a whole number");
});
