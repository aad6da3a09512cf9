import { expect, test } from "vitest";
import { endOf, parseSpans } from "./membership.ts";

test("spans are read from PostgreSQL's text of a multirange", () => {
  expect(parseSpans("{[1,5),[9,)}")).toEqual([
    { from: 1, to: 5 },
    { from: 9, to: null },
  ]);
  expect(parseSpans("{}")).toEqual([]);
});

test("a view ends where the last span does, and never while it is open", () => {
  expect(endOf(parseSpans("{[1,5),[9,12)}"))).toBe(12);
  expect(endOf(parseSpans("{[1,5),[9,)}"))).toBeNull();
});
