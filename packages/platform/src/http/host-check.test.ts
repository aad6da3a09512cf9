import { expect, test } from "vitest";
import { createHostCheck, isLoopback } from "./host-check.ts";

test.each([
  "localhost",
  "localhost:8080",
  "127.0.0.1:9080",
  "[::1]",
  "[::1]:8080",
  "LOCALHOST:1",
  "app.example.com:443",
])("Host %s is let in", (host) => {
  expect(createHostCheck(["https://app.example.com", "http://localhost:*"])(host)).toBe(true);
});

test.each([
  undefined,
  "",
  "evil.example",
  "localhost.evil.example",
  "evil.example:8080",
  "127.0.0.1.nip.io",
  "::1",
  "localhost:8080:1",
])("Host %s is refused", (host) => {
  expect(createHostCheck(["https://app.example.com", "http://localhost:*"])(host)).toBe(false);
});

test.each([
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["127.example.com", false],
])("%s is loopback: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
