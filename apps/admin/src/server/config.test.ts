import { expect, test } from "vitest";
import { readConsoleConfig } from "./config.ts";

const ECHO_SECRET = Buffer.alloc(32, 7).toString("base64url");

test("every variable has a default that serves the embedded mode", () => {
  expect(readConsoleConfig({ ECHO_SECRET })).toMatchObject({
    host: "127.0.0.1",
    port: 3000,
    consoleUrl: "http://127.0.0.1:3000",
    apiUrl: "http://127.0.0.1:8080",
    trustedProxies: [],
  });
});

test("the API is where its port says, unless an address is given", () => {
  expect(readConsoleConfig({ ECHO_SECRET, API_PORT: "18080" }).apiUrl).toBe("http://127.0.0.1:18080");
  expect(readConsoleConfig({ ECHO_SECRET, ECHO_API_URL: "http://api:8080" }).apiUrl).toBe("http://api:8080");
});

test.each(["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000", "https://console.example.com"])(
  "%s may be the console's address",
  (url) => {
    expect(readConsoleConfig({ ECHO_SECRET, ECHO_CONSOLE_URL: url }).consoleUrl).toBe(url);
  },
);

test("all faults are told at once", () => {
  const environment = { ADMIN_PORT: "x", ECHO_API_URL: "nowhere/", ECHO_CONSOLE_URL: "http://console.example.com" };

  expect(() => readConsoleConfig(environment)).toThrow(
    /ECHO_SECRET: .*ADMIN_PORT: .*ECHO_API_URL: .*ECHO_CONSOLE_URL: must be an https address/,
  );
});
