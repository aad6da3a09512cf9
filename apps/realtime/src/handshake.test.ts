import { once } from "node:events";
import { connect } from "node:net";
import { createLimitPolicies } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { RawClient } from "./raw-client.ts";
import { urlOf } from "./test-kit.ts";

/** The answer to a handshake that is refused. */
async function handshake(url: string, headers: Record<string, string> = {}) {
  const ws = new WebSocket(url, { headers });
  const [, response] = await once(ws, "unexpected-response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body: body ? JSON.parse(body) : null };
}

test.each(["/", "/trpc/", "/trpcx", "/trpc/events.subscribe", "/TRPC", "//trpc"])(
  "the path %s is refused before the handshake",
  async (path) => {
    await using echo = await startEcho();

    const refused = await handshake(`${urlOf(echo)}${path}`);

    expect(refused).toMatchObject({ status: 404, body: { error: { data: { code: "NOT_FOUND" } } } });
    expect(refused.body.error.data.requestId).toMatch(/^[0-9a-f-]{36}$/);
  },
);

test("a query after the path makes no difference", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  using client = await RawClient.connect(urlOf(echo), { token: accessToken, path: "/trpc?connectionParams=1" });

  client.query(1, "ping");

  expect(await client.answer(1)).toMatchObject({ result: { data: { serverTime: expect.any(String) } } });
});

test.each(["https://evil.example", "null", "http://localhost.evil.example:80", "http://localhost:*"])(
  "the Origin %s is refused before the handshake",
  async (origin) => {
    await using echo = await startEcho();

    expect(await handshake(`${urlOf(echo)}/trpc`, { origin })).toMatchObject({
      status: 403,
      body: { error: { data: { code: "FORBIDDEN" } } },
    });
  },
);

test("a listed Origin and no Origin at all may connect", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  using page = await RawClient.connect(urlOf(echo), {
    token: accessToken,
    headers: { origin: "http://localhost:4321" },
  });
  using program = await RawClient.connect(urlOf(echo), { token: accessToken });

  for (const client of [page, program]) {
    client.query(1, "ping");
    expect((await client.answer(1)).error).toBeUndefined();
  }
});

test("a Host that is not this machine's is refused: DNS rebinding", async () => {
  await using echo = await startEcho();

  expect(await handshake(`${urlOf(echo)}/trpc`, { host: "evil.example" })).toMatchObject({ status: 421 });
});

test.each([
  ["no key", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"],
  [
    "an old version",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 1",
  ],
  ["another protocol", "Upgrade: h2c\r\nConnection: Upgrade"],
])("a handshake with %s is answered 400 with a sentence", async (_what, lines) => {
  await using echo = await startEcho();
  const { port } = new URL(urlOf(echo));
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(`GET /trpc HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket) answer += chunk;

  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  expect(answer).toContain('"code":"BAD_REQUEST"');
});

test.each([
  ["no Host", { request: "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", status: 400, code: "BAD_REQUEST" }],
  [
    "headers that are too large",
    { request: `GET /health HTTP/1.1\r\nX: ${"x".repeat(17_000)}\r\n\r\n`, status: 413, code: "PAYLOAD_TOO_LARGE" },
  ],
  ["no HTTP", { request: "what?\r\n\r\n", status: 400, code: "BAD_REQUEST" }],
])("a request with %s is answered with code, sentence and request id", async (_what, { request, status, code }) => {
  await using echo = await startEcho();
  const socket = connect(Number(new URL(urlOf(echo)).port), "127.0.0.1");
  socket.write(request);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  const [head = "", body = ""] = answer.split("\r\n\r\n");

  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body)).toMatchObject({ error: { message: expect.any(String), data: { code } } });
  expect(head).toContain(JSON.parse(body).error.data.requestId);
});

test("the probes answer with the headers of every door", async () => {
  await using echo = await startEcho();

  const { headers } = await fetch(`${urlOf(echo).replace("ws:", "http:")}/health`);

  expect(Object.fromEntries(headers)).toMatchObject({
    "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    "x-api-version": "1",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
  });
});

test("the 21st socket of an address without a token is refused; a token makes room", async () => {
  await using echo = await startEcho({
    config: { core: { limits: createLimitPolicies({ socketsPerIpUnauthenticated: 20 }) } },
  });
  const { accessToken } = await echo.user("ada");
  const strangers = await Promise.all(
    Array.from({ length: 20 }, () => RawClient.connect(urlOf(echo), { token: null })),
  );

  const refused = await handshake(`${urlOf(echo)}/trpc`);
  expect(refused).toMatchObject({
    status: 429,
    body: { error: { data: { code: "TOO_MANY_REQUESTS", limiter: "anonymous", retryAfterMs: expect.any(Number) } } },
  });

  strangers[0]?.send({ method: "connectionParams", data: { token: accessToken } });
  strangers[0]?.query(1, "ping");
  await strangers[0]?.answer(1);
  using another = await RawClient.connect(urlOf(echo), { token: null });
  expect(another.ws.readyState).toBe(WebSocket.OPEN);
  for (const stranger of strangers) stranger.ws.terminate();
});

test("plain HTTP is told where it is; probes answer, with checks on the internal port alone", async () => {
  await using echo = await startEcho();
  const url = urlOf(echo).replace("ws:", "http:");
  const internalUrl = echo.nodes[0]?.realtime.internalUrl ?? "";

  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
    status: "healthy",
    service: "realtime",
    version: expect.any(String),
  });
  const ready = await fetch(`${url}/ready`);
  expect(ready.status).toBe(200);
  expect(Object.keys(await ready.json()).sort()).toEqual(["service", "status", "timestamp", "version"]);
  expect(await (await fetch(`${internalUrl}/ready`)).json()).toMatchObject({
    checks: { database: { status: "up" }, bus: { status: "up" } },
  });
  expect((await fetch(`${internalUrl}/health`)).status).toBe(200);
  expect((await fetch(`${url}/trpc`)).status).toBe(404);
  expect((await fetch(`${url}/health`, { method: "POST" })).status).toBe(405);
});

test("a cookie of the console signs nobody in", async () => {
  await using echo = await startEcho({ config: { realtime: { origins: ["https://console.test"] } } });
  const { headers } = await echo.staff();
  using client = await RawClient.connect(urlOf(echo), { token: null, headers });

  client.query(1, "ping");

  expect(await client.closed).toMatchObject({ code: 4401 });
});
