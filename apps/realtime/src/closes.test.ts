import { defaultLifetimes } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { RawClient } from "./raw-client.ts";
import { connectAs, say, subscribed, urlOf } from "./test-kit.ts";

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
  const client = await vi.waitUntil(
    async () => {
      const attempt = await RawClient.connect(urlOf(echo), { token: accessToken });
      attempt.query(1, "ping");
      const isRefused = await Promise.race([
        attempt.closed.then(() => true),
        attempt.answer(1).then(
          () => false,
          () => true,
        ),
      ]);
      return isRefused && attempt;
    },
    { timeout: 15_000, interval: 500 },
  );

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
  const sockets = await Promise.all(Array.from({ length: 10 }, () => connectAs(echo, "ada")));
  for (const socket of sockets) socket.query(1, "ping");
  await Promise.all(sockets.map((socket) => socket.answer(1)));

  using eleventh = await connectAs(echo, "ada");
  expect(await eleventh.closed).toMatchObject({ code: 1008 });

  sockets[0]?.ws.close();
  await sockets[0]?.closed;
  using again = await connectAs(echo, "ada");
  again.query(1, "ping");
  expect((await again.answer(1)).error).toBeUndefined();
  for (const socket of sockets) socket.ws.terminate();
});

test("100 bad frames close with 1008; each was answered", async () => {
  await using echo = await startEcho();
  using client = await connectAs(echo, "ada");

  for (let n = 0; n < 100; n += 1) client.send("{");

  expect(await client.closed).toMatchObject({ code: 1008 });
  expect(client.frames).toHaveLength(100);
  expect(client.frames[0]).toMatchObject({ id: null, error: { data: { code: "BAD_REQUEST" } } });
});

test("binary closes with 1003, over 64 KiB with 1009, exactly 64 KiB is read", async () => {
  await using echo = await startEcho();
  using binary = await connectAs(echo, "ada");
  binary.ws.send(Buffer.from("{}"));
  expect(await binary.closed).toMatchObject({ code: 1003 });

  using fits = await connectAs(echo, "ada");
  const empty = JSON.stringify({ id: 1, method: "query", params: { path: "ping", input: "" } });
  fits.query(1, "ping", "x".repeat(65_536 - empty.length));
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
  using other = await connectAs(echo, "bob");
  using client = await connectAs(echo, "ada");
  client.query(1, "ping");
  await client.answer(1);

  (client.ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(bytes);

  expect(await client.closed).toMatchObject({ code });
  other.query(1, "ping");
  expect((await other.answer(1)).error).toBeUndefined();
});

test("a client that closes in the middle of a flood is answered, and the node goes on", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const [ada, bob] = [await echo.user("ada"), await connectAs(echo, "bob")];
  await subscribed(bob, 1);
  let isOver = false;
  const flood = [1, 2, 3].map(async () => {
    while (!isOver) await say(echo.core, ada, [conversationId, "x".repeat(5_000)]);
  });
  await bob.until(() => bob.eventsOf(1).length > 20);

  bob.ws.close(1000);

  expect(await bob.closed).toMatchObject({ code: 1000 });
  isOver = true;
  await Promise.all(flood);
});
