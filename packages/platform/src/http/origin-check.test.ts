import { expect, test } from "vitest";
import { createOriginCheck, isOriginPattern, loopbackOrigins } from "./origin-check.ts";

const isAllowed = createOriginCheck([...loopbackOrigins, "https://app.example.com"]);

test.each(["http://localhost", "http://localhost:3001", "https://127.0.0.1:8443", "https://app.example.com"])(
  "%s is on the list",
  (origin) => {
    expect(isAllowed(origin)).toBe(true);
  },
);

test.each([
  "null",
  "",
  "http://app.example.com",
  "https://app.example.com:444",
  "https://app.example.com.evil.example",
  "https://evil.example",
  "http://localhost.evil.example:3001",
  "http://localhost:3001/path",
  "http://LOCALHOST:3001",
  "http://user@localhost:3001",
  "file://localhost",
  "http://localhost:*",
])("%j is not", (origin) => {
  expect(isAllowed(origin)).toBe(false);
});

test.each([
  "*",
  "https://*",
  "https://*.example.com",
  "app.example.com",
  "https://a.example/",
  "https://a.example:443",
  "http://a.example:80:*",
])("%s is no origin", (text) => {
  expect(isOriginPattern(text)).toBe(false);
});
