import { expect, test } from "vitest";
import { nextPath, signInPath } from "./sign-in-path.ts";

test.each([
  [null, "/"],
  ["/", "/"],
  ["/users", "/users"],
  ["/users?q=ada&page=2", "/users?q=ada&page=2"],
  ["/users#x", "/users"],
  ["users", "/"],
  ["", "/"],
  ["https://evil.example", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["\\\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["/\n/evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/sign-in?next=/users", "/"],
])("after signing in %j leads to %s", (given, path) => {
  expect(nextPath(given)).toBe(path);
});

test("the way to the sign-in page keeps where one was, and why one is there", () => {
  expect(signInPath("/")).toBe("/sign-in");
  expect(signInPath("/users?q=a")).toBe("/sign-in?next=%2Fusers%3Fq%3Da");
  expect(signInPath("/users", "ended")).toBe("/sign-in?next=%2Fusers&reason=ended");
});
