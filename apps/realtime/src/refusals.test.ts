import { connect } from "node:net";
import { once } from "node:events";
import { createLimitPolicies, defaultLifetimes } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { RawClient } from "./raw-client.ts";

const urlOf = (echo: Awaited<ReturnType<typeof startEcho>>) => echo.nodes[0]?.realtime.url ?? "";

async function as(name: string, echo: Awaited<ReturnType<typeof startEcho>>) {
  const { accessToken } = await echo.user(name);
  return RawClient.connect(urlOf(echo), { token: accessToken });
}

/** The answer to a handshake that is refused. */
async function handshake(url: string, headers: Record<string, string> = {}) {
  const ws = new WebSocket(url, { headers });
  const [, response] = await once(ws, "unexpected-response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body: body ? JSON.parse(body) : null };
}

test.each(["/", "/trpc/", "/trpcx", "/trpc/events.subscribe", "/TRPC", "//trpc"])("the path %s is refused before the handshake", async (path) => {
  await using echo = await startEcho();

  const refused = await handshake(`${urlOf(echo)}${path}`);

  expect(refused).toMatchObject({ status: 404, body: { error: { data: { code: "NOT_FOUND" } } } });
  expect(refused.body.error.data.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test("a query after the path makes no difference", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  using client = await RawClient.connect(urlOf(echo), { token: accessToken, path: "/trpc?connectionParams=1" });

  client.call(1, "ping");

  expect(await client.answer(1)).toMatchObject({ result: { data: { serverTime: expect.any(String) } } });
});

test.each(["https://evil.example", "null", "http://localhost.evil.example:80", "http://localhost:*"])("the Origin %s is refused before the handshake", async (origin) => {
  await using echo = await startEcho();

  expect(await handshake(`${urlOf(echo)}/trpc`, { origin })).toMatchObject({ status: 403, body: { error: { data: { code: "FORBIDDEN" } } } });
});

test("a listed Origin and no Origin at all may connect", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  using page = await RawClient.connect(urlOf(echo), { token: accessToken, headers: { origin: "http://localhost:4321" } });
  using program = await RawClient.connect(urlOf(echo), { token: accessToken });

  for (const client of [page, program]) {
    client.call(1, "ping");
    expect((await client.answer(1)).error).toBeUndefined();
  }
});

test("a Host that is not this machine's is refused: DNS rebinding", async () => {
  await using echo = await startEcho();

  expect(await handshake(`${urlOf(echo)}/trpc`, { host: "evil.example" })).toMatchObject({ status: 421 });
});

test.each([
  ["no key", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"],
  ["an old version", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 1"],
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

test("the 21st socket of an address without a token is refused; a token makes room", async () => {
  await using echo = await startEcho({ config: { core: { limits: createLimitPolicies({ socketsPerIpUnauthenticated: 20 }) } } });
  const { accessToken } = await echo.user("ada");
  const strangers = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(urlOf(echo), { token: null })));

  const refused = await handshake(`${urlOf(echo)}/trpc`);
  expect(refused).toMatchObject({ status: 429, body: { error: { data: { code: "TOO_MANY_REQUESTS", limiter: "anonymous", retryAfterMs: expect.any(Number) } } } });

  strangers[0]?.send({ method: "connectionParams", data: { token: accessToken } });
  strangers[0]?.call(1, "ping");
  await strangers[0]?.answer(1);
  using another = await RawClient.connect(urlOf(echo), { token: null });
  expect(another.ws.readyState).toBe(WebSocket.OPEN);
  for (const stranger of strangers) stranger.ws.terminate();
});

test.each([
  ["no connectionParams but a call", { id: 1, method: "query", params: { path: "ping" } }],
  ["malformed JSON", "{"],
  ["a token of another type", { method: "connectionParams", data: { token: 7 } }],
  ["no token", { method: "connectionParams", data: {} }],
  ["no data", { method: "connectionParams", data: null }],
  ["an empty token", { method: "connectionParams", data: { token: "" } }],
  ["a garbage token", { method: "connectionParams", data: { token: "garbage" } }],
  ["a token with another signature", "forged"],
  ["a token of 60 KiB", { method: "connectionParams", data: { token: "x".repeat(60_000) } }],
])("%s as the first message closes with 4401", async (_what, message) => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  const forged = `${accessToken.slice(0, -8)}AAAAAAAA`;
  using client = await RawClient.connect(urlOf(echo), { token: null });

  client.send(message === "forged" ? { method: "connectionParams", data: { token: forged } } : message);

  expect(await client.closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/token/) });
  expect(client.texts).toEqual([]);
});

test("a token that has run out closes with 4401", async () => {
  await using echo = await startEcho({ config: { core: { lifetimes: { ...defaultLifetimes, accessMs: 1 } } } });
  const { accessToken } = await echo.user("ada");
  const client = await vi.waitUntil(async () => {
    const attempt = await RawClient.connect(urlOf(echo), { token: accessToken });
    attempt.call(1, "ping");
    const isRefused = await Promise.race([attempt.closed.then(() => true), attempt.answer(1).then(() => false, () => true)]);
    return isRefused && attempt;
  }, { timeout: 15_000, interval: 500 });

  expect(await client.closed).toMatchObject({ code: 4401 });
});

test("the token of a session that has ended closes with 4403", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  await echo.as("ada").auth.logout.mutate({});

  using client = await RawClient.connect(urlOf(echo), { token: accessToken });

  expect(await client.closed).toMatchObject({ code: 4403 });
});

test("who says nothing for 5 s is closed with 4408, and PING does not count", async () => {
  await using echo = await startEcho();
  using silent = await RawClient.connect(urlOf(echo), { token: null });
  using pinging = await RawClient.connect(urlOf(echo), { token: null });
  const pings = setInterval(() => pinging.send("PING"), 500);

  const [first, second] = await Promise.all([silent.closed, pinging.closed]);
  clearInterval(pings);

  for (const { code, afterMs } of [first, second]) {
    expect(code).toBe(4408);
    expect(afterMs).toBeGreaterThan(4_900);
    expect(afterMs).toBeLessThan(8_000);
  }
  expect(pinging.texts).toContain("PONG");
});

test("the 11th socket of a user is closed with 1008, the ten others live", async () => {
  await using echo = await startEcho();
  const sockets = await Promise.all(Array.from({ length: 10 }, () => as("ada", echo)));
  for (const socket of sockets) socket.call(1, "ping");
  await Promise.all(sockets.map((socket) => socket.answer(1)));

  using eleventh = await as("ada", echo);
  expect(await eleventh.closed).toMatchObject({ code: 1008 });

  sockets[0]?.ws.close();
  await sockets[0]?.closed;
  using again = await as("ada", echo);
  again.call(1, "ping");
  expect((await again.answer(1)).error).toBeUndefined();
  for (const socket of sockets) socket.ws.terminate();
});

test("100 bad frames close with 1008; each was answered", async () => {
  await using echo = await startEcho();
  using client = await as("ada", echo);

  for (let n = 0; n < 100; n += 1) client.send("{");

  expect(await client.closed).toMatchObject({ code: 1008 });
  expect(client.frames).toHaveLength(100);
  expect(client.frames[0]).toMatchObject({ id: null, error: { data: { code: "BAD_REQUEST" } } });
});

test("binary closes with 1003, over 64 KiB with 1009, exactly 64 KiB is read", async () => {
  await using echo = await startEcho();
  using binary = await as("ada", echo);
  binary.ws.send(Buffer.from("{}"));
  expect(await binary.closed).toMatchObject({ code: 1003 });

  using fits = await as("ada", echo);
  const empty = JSON.stringify({ id: 1, method: "query", params: { path: "ping", input: "" } });
  fits.call(1, "ping", "x".repeat(65_536 - empty.length));
  expect(await fits.answer(1)).toMatchObject({ result: { data: { serverTime: expect.any(String) } } });

  fits.send("x".repeat(65_537));
  expect(await fits.closed).toMatchObject({ code: 1009 });
});

test.each([
  ["bad UTF-8", Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]), 1007],
  ["a reserved opcode", Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
  ["a reserved bit", Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
  ["a frame without mask", Buffer.from([0x81, 0x01, 0x41]), 1002],
])("%s is a fault of the protocol and ends this socket alone", async (_what, bytes, code) => {
  await using echo = await startEcho();
  using other = await as("bob", echo);
  using client = await as("ada", echo);
  client.call(1, "ping");
  await client.answer(1);

  (client.ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(bytes);

  expect(await client.closed).toMatchObject({ code });
  other.call(1, "ping");
  expect((await other.answer(1)).error).toBeUndefined();
});

test("any procedure that is not listed is NOT_FOUND, on its id, and the socket lives", async () => {
  await using echo = await startEcho();
  using client = await as("ada", echo);
  const paths = ["nothing", "messages.send", "presence.set", "", "events", "__proto__", "constructor", "events.subscribe.then", "auth.logout"];

  for (const path of paths) client.call(path, path);
  client.call("as a query", "events.subscribe");
  client.call("as a mutation", "ping", undefined, "mutation");

  for (const id of [...paths, "as a query", "as a mutation"]) {
    expect(await client.answer(id)).toMatchObject({ id, error: { code: -32004, data: { code: "NOT_FOUND" } } });
  }
  client.call(1, "ping");
  expect((await client.answer(1)).error).toBeUndefined();
});

test.each([
  ["wrong types", { conversationId: 7, seq: "x" }],
  ["an unknown key", { conversationId: "00000000-0000-7000-8000-000000000000", seq: 1, more: true }],
  ["nothing", undefined],
  ["a number below 0", { conversationId: "00000000-0000-7000-8000-000000000000", seq: -1 }],
])("input with %s is BAD_REQUEST with a sentence, and an error has exactly the contract's shape", async (_what, input) => {
  await using echo = await startEcho();
  using client = await as("ada", echo);

  client.call(1, "messages.markRead", input, "mutation");

  const { error } = await client.answer(1);
  expect(error).toEqual({
    code: -32600,
    message: error?.data.message,
    data: { code: "BAD_REQUEST", message: expect.any(String), requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test("a conversation of others does not exist", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using eve = await as("eve", echo);

  eve.call(1, "messages.markRead", { conversationId, seq: 0 }, "mutation");
  eve.call(2, "messages.typing", { conversationId, activity: "typing" }, "mutation");

  expect(await eve.answer(1)).toMatchObject({ error: { data: { code: "NOT_FOUND" } } });
  expect(await eve.answer(2)).toMatchObject({ error: { data: { code: "NOT_FOUND" } } });
});

test.each(["x", "1.2.3", "e.", ".1", "e.-1", "e.1.5", "", "e.99999999999999999999", 7, null, { position: 1 }])("the cursor %j is BAD_REQUEST on the subscription's id, and the socket lives", async (cursor) => {
  await using echo = await startEcho();
  using client = await as("ada", echo);

  client.send({ id: 1, method: "subscription", params: { path: "events.subscribe", input: { cursor } } });
  expect(await client.answer(1)).toMatchObject({ id: 1, error: { data: { code: "BAD_REQUEST" } } });

  client.subscribe(1);
  await client.until(() => client.eventsOf(1).length === 1);
});

test("an id in use is BAD_REQUEST and the first subscription lives; once stopped it is free", async () => {
  await using echo = await startEcho();
  using client = await as("ada", echo);
  client.subscribe(1);
  await client.until(() => client.eventsOf(1).length === 1);

  client.subscribe(1);
  expect(await client.until(() => client.frames.find(({ error }) => error))).toMatchObject({ id: 1, error: { data: { code: "BAD_REQUEST" } } });
  await echo.conversationOf("ada", "bob");
  await client.until(() => client.eventsOf(1).some(({ event }) => event.type === "conversation.added"));

  client.send({ id: 1, method: "subscription.stop" });
  await client.until(() => client.frames.some(({ result }) => result?.type === "stopped"));
  client.subscribe(1);
  await client.until(() => client.eventsOf(1).filter(({ event }) => event.type === "connection.ack").length === 2);
});

test("the 51st subscription is TOO_MANY_REQUESTS, the 50 others live", async () => {
  await using echo = await startEcho();
  using client = await as("ada", echo);

  for (let id = 1; id <= 51; id += 1) client.subscribe(id);

  expect(await client.answer(51)).toMatchObject({ error: { code: -32029, data: { code: "TOO_MANY_REQUESTS", limiter: "subscriptions", retryAfterMs: expect.any(Number) } } });
  await echo.conversationOf("ada", "bob");
  for (let id = 1; id <= 50; id += 1) {
    await client.until(() => client.eventsOf(id).some(({ event }) => event.type === "conversation.added"));
  }
});

test("over the bucket each call is TOO_MANY_REQUESTS on its id; PING takes no token; then the bucket fills again", async () => {
  await using echo = await startEcho({ config: { core: { limits: createLimitPolicies() } } });
  using client = await as("ada", echo);
  for (let n = 0; n < 100; n += 1) client.send("PING");
  client.send(Array.from({ length: 50 }, (_, id) => ({ id, method: "query", params: { path: "ping" } })));

  await client.until(() => client.frames.length === 50);
  const refused = client.frames.filter(({ error }) => error);
  expect(refused).toHaveLength(10);
  expect(refused[0]).toMatchObject({ error: { data: { code: "TOO_MANY_REQUESTS", limiter: "socket", retryAfterMs: expect.any(Number) } } });
  expect(client.texts.filter((text) => text === "PONG")).toHaveLength(100);

  await vi.waitFor(async () => {
    client.call("later", "ping");
    await client.until(() => client.frames.some(({ id, result }) => id === "later" && result));
  });
});

test("51 calls in one frame are refused on each of their ids, and none of them runs", async () => {
  await using echo = await startEcho();
  using client = await as("ada", echo);

  client.send(Array.from({ length: 51 }, (_, id) => ({ id, method: "query", params: { path: "ping" } })));

  await client.until(() => client.frames.length === 51);
  expect(client.frames.every(({ error }) => error?.data.code === "BAD_REQUEST")).toBe(true);
  expect(new Set(client.frames.map(({ id }) => id)).size).toBe(51);
});

test("a second connectionParams is BAD_REQUEST, and the socket lives as before", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("bob");
  using client = await as("ada", echo);

  client.send({ method: "connectionParams", data: { token: accessToken } });

  expect(await client.answer(null)).toMatchObject({ id: null, error: { data: { code: "BAD_REQUEST" } } });
  client.call(1, "ping");
  expect((await client.answer(1)).error).toBeUndefined();
});

test("plain HTTP is told where it is; probes answer, with checks on the internal port alone", async () => {
  await using echo = await startEcho();
  const url = urlOf(echo).replace("ws:", "http:");
  const internalUrl = echo.nodes[0]?.realtime.internalUrl ?? "";

  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: "healthy", service: "realtime", version: expect.any(String) });
  const ready = await fetch(`${url}/ready`);
  expect(ready.status).toBe(200);
  expect(Object.keys(await ready.json()).sort()).toEqual(["service", "status", "timestamp", "version"]);
  expect(await (await fetch(`${internalUrl}/ready`)).json()).toMatchObject({ checks: { database: { status: "up" }, bus: { status: "up" } } });
  expect((await fetch(`${internalUrl}/health`)).status).toBe(200);
  expect((await fetch(`${url}/trpc`)).status).toBe(404);
  expect((await fetch(`${url}/health`, { method: "POST" })).status).toBe(405);
});
