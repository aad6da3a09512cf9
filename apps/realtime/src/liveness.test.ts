import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { defaultLifetimes } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { RawClient } from "./raw-client.ts";
import { connectStock } from "./stock-client.ts";
import { connectAs, positionOf, say, startTestNode, subscribed, textsOf, typesOf } from "./test-kit.ts";

/** A wire between client and node that a test can hold still, as a lost network does: no byte and no end passes. */
async function createWire(url: string) {
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(url).port), "127.0.0.1");
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    sockets.push(client, upstream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: () => {
      for (const socket of sockets) socket.unpipe().resume();
    },
    isClosedByNode: () => sockets.some((socket, index) => index % 2 === 1 && socket.destroyed),
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

test("after silence the node sends PING as text; who answers lives, who does not is dead after as long again", async () => {
  await using echo = await startEcho();
  const node = await startTestNode(echo.core, { timings: { heartbeatMs: 1_000, deadMs: 2_000 } });
  const { accessToken } = await echo.user("ada");
  using answering = await RawClient.connect(node.url, { token: accessToken });
  using silent = await RawClient.connect(node.url, { token: accessToken });
  answering.ws.on("message", (data) => String(data) === "PING" && answering.send("PONG"));

  const { code, afterMs } = await silent.closed;
  await answering.until(() => answering.texts.filter((text) => text === "PING").length >= 4);

  expect(silent.texts).toEqual(["PING"]);
  expect(code).toBe(1006);
  expect(afterMs).toBeGreaterThan(1_900);
  expect(answering.ws.readyState).toBe(WebSocket.OPEN);
  await node.close();
});

test("stock clients answer PING by themselves and stay", async () => {
  await using echo = await startEcho();
  const node = await startTestNode(echo.core, { timings: { heartbeatMs: 1_000, deadMs: 2_000 } });
  await using ada = await connectStock({ ...echo, nodes: [{ realtime: node }] }, "ada");
  const subscription = ada.subscribe();
  await vi.waitFor(() => expect(subscription.acks()).toBe(1));
  const { accessToken } = await echo.user("ada");
  using witness = await RawClient.connect(node.url, { token: accessToken });
  witness.ws.on("message", (data) => String(data) === "PING" && witness.send("PONG"));

  // Two times the silence after which a socket is dead.
  await witness.until(() => witness.texts.filter((text) => text === "PING").length >= 4);
  await echo.conversationOf("ada", "bob");
  await vi.waitFor(() => expect(subscription.types()).toContain("conversation.added"));

  expect(ada.sockets).toHaveLength(1);
  await node.close();
});

test("a half-open socket is found by its silence, and its typing ends", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const node = await startTestNode(echo.core, { timings: { heartbeatMs: 400, deadMs: 800 } });
  using wire = await createWire(node.url);
  using ada = await connectAs(echo, "ada");
  await subscribed(ada, 1);
  using bob = await RawClient.connect(wire.url, { token: (await echo.user("bob")).accessToken });
  bob.mutate(1, "messages.typing", { conversationId, activity: "typing" });
  await ada.until(() => typesOf(ada.eventsOf(1)).includes("typing.updated"));

  wire.hold();

  await vi.waitFor(() => expect(wire.isClosedByNode()).toBe(true), { timeout: 5_000 });
  await ada.until(() =>
    ada.eventsOf(1).some(({ event }) => event.type === "typing.updated" && event.data.activity === "none"),
  );
  await node.close();
});

test("a socket is closed with 4401 when its token has run out, and lives on when it is renewed", async () => {
  await using echo = await startEcho({ config: { core: { lifetimes: { ...defaultLifetimes, accessMs: 3_000 } } } });
  const { userId, session, accessToken } = await echo.user("ada");
  const node = await startTestNode(echo.core, { timings: { expiryMs: 0 } });
  using expiring = await RawClient.connect(node.url, { token: accessToken });
  using renewed = await RawClient.connect(node.url, { token: accessToken });
  const claims = { userId, sessionId: session.id, gen: 0, authTime: new Date() };
  const later = await echo.core.ports.keys.sign(claims, new Date(Date.now() + 1_500));
  renewed.mutate(1, "auth.renew", { token: later.accessToken });
  const { result } = await renewed.answer(1);
  expect(result).toMatchObject({ data: { expiresAt: expect.stringMatching(/Z$/) } });

  expect(await expiring.closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/expired/) });
  renewed.query(2, "ping");
  expect((await renewed.answer(2)).error).toBeUndefined();
  expect(await renewed.closed).toMatchObject({ code: 4401 });
  await node.close();
});

test("an idle client's cursor is moved on, so that it never ages", async () => {
  await using echo = await startEcho();
  const node = await startTestNode(echo.core, { timings: { cursorLookMs: 50, cursorAgeMs: 100 } });
  const { accessToken } = await echo.user("idle");
  using idle = await RawClient.connect(node.url, { token: accessToken });
  const from = await subscribed(idle, 1);

  const { conversationId } = await echo.conversationOf("ada", "bob");
  await say(echo.core, await echo.user("ada"), [conversationId, "not for the idle"]);
  await idle.until(() => idle.eventsOf(1).length >= 2);

  const [, advanced] = idle.eventsOf(1);
  expect(advanced).toMatchObject({ event: { type: "cursor.advanced", data: { cursor: advanced?.place } } });
  expect(positionOf(advanced?.place ?? "")).toBeGreaterThan(positionOf(from));
  await node.close();
});

test("a node that stops answers what it was asked, sends everybody away with 1001, and lets nobody in", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const node = await startTestNode(echo.core, { timings: { drainMs: 500, leaveMs: 3_000 } });
  const { accessToken } = await echo.user("ada");
  const clients = await Promise.all(
    Array.from({ length: 9 }, () => RawClient.connect(node.url, { token: accessToken })),
  );
  const stranger = await RawClient.connect(node.url, { token: null });
  await Promise.all(clients.map((client) => subscribed(client, 1)));
  clients[0]?.mutate(2, "messages.markRead", { conversationId, seq: 0 });
  clients[0]?.query(3, "ping");
  await clients[0]?.answer(3);

  const stopped = node.close();
  await expect(RawClient.connect(node.url, { token: accessToken })).rejects.toThrow(/503|ECONNREFUSED/);
  const ends = await Promise.all([...clients, stranger].map(({ closed }) => closed));
  await stopped;

  expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 1001));
  expect(clients[0]?.frames.find(({ id }) => id === 2)).toMatchObject({ result: { data: { conversationId } } });
  await expect(fetch(node.url.replace("ws:", "http:"))).rejects.toThrow();
});

test("what is sent while a node stops arrives on the next one", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const [ada, bob] = await Promise.all([echo.user("ada"), echo.user("bob")]);
  const first = await startTestNode(echo.core);
  const second = await startTestNode(echo.core);
  using before = await RawClient.connect(first.url, { token: bob.accessToken });
  await subscribed(before, 1);
  let isStopping = true;
  const sending = (async () => {
    let n = 0;
    while (isStopping || n < 20) await say(echo.core, ada, [conversationId, String(++n)]);
    return n;
  })();
  await before.until(() => textsOf(before.eventsOf(1)).length > 3);

  await first.close();
  isStopping = false;
  const sent = await sending;
  using after = await RawClient.connect(second.url, { token: bob.accessToken });
  await subscribed(after, 1, before.eventsOf(1).at(-1)?.place);
  const received = () => [...textsOf(before.eventsOf(1)), ...textsOf(after.eventsOf(1))];
  await after.until(() => received().length >= sent);

  expect(received()).toEqual(Array.from({ length: sent }, (_, index) => String(index + 1)));
  await second.close();
});
