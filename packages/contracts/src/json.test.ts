import { expect, test } from "vitest";
import { canonicalJson } from "./json.ts";

test.each([
  [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
  [{ a: { d: 1, c: 2 }, Z: -0 }, '{"Z":0,"a":{"c":2,"d":1}}'],
  [{ a: undefined, b: 1e21 }, '{"b":1e+21}'],
  ["ü\n", '"ü\\n"'],
  [[], "[]"],
])("%j has one canonical form", (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test("the order of keys does not count, the order of items does", () => {
  expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test("keys are ordered by UTF-16 units, as RFC 8785 says", () => {
  expect(canonicalJson({ "\ufb33": 1, "\u{1f600}": 2, "\u20ac": 3 })).toBe('{"\u20ac":3,"\u{1f600}":2,"\ufb33":1}');
});
