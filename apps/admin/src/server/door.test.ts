import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildWithinMs, failTestConsole, startReceiver, startTestConsole, type TestConsole } from "./test-console.ts";
import { ask } from "./test-request.ts";

let receiver: Awaited<ReturnType<typeof startReceiver>>;
let running: TestConsole;

beforeAll(async () => {
  receiver = await startReceiver();
  running = await startTestConsole({ ECHO_API_URL: receiver.url, ECHO_CONSOLE_URL: "http://127.0.0.1:3000" });
}, buildWithinMs);

afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const signedIn = { cookie: "echo_console=anything" };

test("a host that is neither this machine nor the console's own is answered 421", async () => {
  const stranger = await ask(running.port, "/", { headers: { host: "evil.example:3000" } });
  const probe = await ask(running.port, "/health", { headers: { host: "evil.example" } });

  expect([stranger.status, probe.status]).toEqual([421, 421]);
  expect(JSON.parse(stranger.body).error.data).toMatchObject({
    code: "BAD_REQUEST",
    requestId: stranger.headers["x-request-id"],
  });
});

test("whoever types another name of this machine is sent to the console's own, with path and query", async () => {
  const answer = await ask(running.port, "/sign-in?next=%2Fx", { headers: { host: "localhost:3000" } });

  expect(answer.status).toBe(307);
  expect(answer.headers.location).toBe("http://127.0.0.1:3000/sign-in?next=%2Fx");
  expect(answer.headers["cache-control"]).toBe("no-store");
});

test("calls and probes are answered under every name of this machine", async () => {
  const headers = { host: "localhost:3000" };

  expect((await ask(running.port, "/health", { headers })).status).toBe(200);
  expect((await ask(running.port, "/trpc/admin.me", { headers })).status).toBe(200);
});

test("the probes tell as much as the API's, in the same shape", async () => {
  const health = await ask(running.port, "/health");
  const ready = await ask(running.port, "/ready");

  expect(JSON.parse(health.body)).toMatchObject({ status: "healthy", service: "admin", version: expect.any(String) });
  expect(JSON.parse(ready.body)).toEqual({ ...JSON.parse(health.body), timestamp: expect.any(String) });
  expect(health.headers).toMatchObject({ "cache-control": "no-store", "content-type": /^application\/json/ });
});

test("a console without its API is degraded, and still ready", async () => {
  await using alone = await startTestConsole({ ECHO_API_URL: "http://127.0.0.1:9" });

  const ready = await ask(alone.port, "/ready");

  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body).status).toBe("degraded");
});

describe("the head of a request decides whether Next sees it", () => {
  test("pages are read, not written to", async () => {
    const answer = await ask(running.port, "/", { method: "POST", body: "x" });

    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD");
  });

  test("a call is GET or POST", async () => {
    expect((await ask(running.port, "/trpc/admin.me", { method: "DELETE" })).status).toBe(405);
  });

  test("a body larger than the API takes is not held in memory first", async () => {
    const answer = await ask(running.port, "/trpc/admin.me", { method: "POST", body: "x".repeat(256 * 1_024 + 1) });

    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body).error.data.code).toBe("PAYLOAD_TOO_LARGE");
  });

  test("a body of unknown length is refused", async () => {
    const headers = { "transfer-encoding": "chunked" };

    expect((await ask(running.port, "/trpc/admin.me", { method: "POST", headers, body: "{}" })).status).toBe(411);
  });
});

test("an upgrade goes the way of every other request", async () => {
  const before = receiver.arrived.length;
  const headers = { connection: "Upgrade", upgrade: "websocket", "x-forwarded-for": "203.0.113.9" };

  const answer = await ask(running.port, "/trpc/admin.me", { headers });

  expect(answer.status).toBe(200);
  expect(receiver.arrived[before]?.headers).toMatchObject({ "x-forwarded-for": "127.0.0.1" });
  expect(receiver.arrived[before]?.headers.upgrade).toBeUndefined();
});

test("every answer carries the security headers, and HSTS where browsers come by https", async () => {
  await using secure = await startTestConsole({ ECHO_CONSOLE_URL: "https://console.example.com" });

  const plain = await ask(running.port, "/", { headers: signedIn });
  const tls = await ask(secure.port, "/sign-in", { headers: { host: "console.example.com" } });

  const expected = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
  expect(plain.headers).toMatchObject(expected);
  expect(plain.headers["strict-transport-security"]).toBeUndefined();
  expect(plain.headers["x-powered-by"]).toBeUndefined();
  expect(tls.headers).toMatchObject({
    ...expected,
    "strict-transport-security": "max-age=63072000; includeSubDomains",
  });
});

test("behind a proxy the Host header is the proxy's choice, and nothing is redirected", async () => {
  await using secure = await startTestConsole({ ECHO_CONSOLE_URL: "https://console.example.com" });

  expect((await ask(secure.port, "/sign-in", { headers: { host: "127.0.0.1:3000" } })).status).toBe(200);
});

test("a console that would be reached by plain http from elsewhere does not start, and says that https is demanded", async () => {
  const { code, sentence } = await failTestConsole({ ECHO_CONSOLE_URL: "http://console.example.com" });

  expect(code).toBe(1);
  expect(sentence).toBe(
    "The configuration is wrong: ECHO_CONSOLE_URL: must be an https address: the console is served over plain http on loopback alone",
  );
});

test("a request leaves one line in the log, with its id and without its query", async () => {
  const headers = { ...signedIn, "x-request-id": "find-me-again" };

  await ask(running.port, "/sign-in?next=%2Fsecret", { headers });

  await expect.poll(() => running.lines.filter((line) => line.includes("find-me-again"))).toHaveLength(1);
  const line = JSON.parse(running.lines.find((each) => each.includes("find-me-again")) ?? "{}");
  expect(line).toMatchObject({
    level: "info",
    service: "admin",
    message: "request completed",
    request_id: "find-me-again",
    method: "GET",
    path: "/sign-in",
    status: 200,
    duration_ms: expect.any(Number),
  });
});

test.each(["SIGTERM", "disconnect"] as const)("%s ends it in order", async (how) => {
  await using ending = await startTestConsole();

  expect(await ending.end(how)).toBe(0);
});
