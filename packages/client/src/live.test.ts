import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import type { Echo } from "./echo.ts";
import type { ConnectionState } from "./realtime/realtime.ts";
import { eventually } from "./test-support/eventually.ts";
import { createSignIn } from "./test-support/sign-in.ts";
import { createSockets } from "./test-support/sockets.ts";
import { memoryStorage } from "./tokens/storage.ts";

const text = (conversationId: string, words: string) => ({
  conversationId,
  type: "text" as const,
  content: { text: words },
});

/** The seq of each message that comes, as it comes. */
function listenForSeqs(client: Echo): number[] {
  const seqs: number[] = [];
  client.on("message.created", ({ data }) => seqs.push(data.seq));
  return seqs;
}

function listenForStates(client: Echo): ConnectionState[] {
  const states: ConnectionState[] = [];
  client.onConnection((state) => states.push(state));
  return states;
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test("a message reaches the other's client and its sender's other device, and is acknowledged by itself", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  using ada = await signIn("ada");
  using tablet = await signIn("ada");
  using bob = await signIn("bob");
  const [onTablet, atBob] = [listenForSeqs(tablet), listenForSeqs(bob)];
  await Promise.all([tablet.connect(), bob.connect()]);

  const { id } = await ada.send(text(conversationId, "hello"));

  await eventually(() => expect([onTablet, atBob]).toEqual([[1], [1]]));
  await eventually(async () => {
    const { recipients } = await ada.api.messages.status.query({ messageId: id });
    expect(recipients).toMatchObject([{ userId: (await echo.user("bob")).userId, state: "delivered" }]);
  });
});

test("a client that acknowledges nothing leaves the message at sent", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  using ada = await signIn("ada");
  using bob = await signIn("bob", { acknowledge: false });
  const atBob = listenForSeqs(bob);
  await bob.connect();

  const { id } = await ada.send(text(conversationId, "hello"));
  await eventually(() => expect(atBob).toEqual([1]));
  await bob.realtime.ping.query();

  expect(await ada.api.messages.status.query({ messageId: id })).toMatchObject({ recipients: [{ state: "sent" }] });
});

test("typing and reading go over the socket, and the other one sees them", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  using ada = await signIn("ada");
  using bob = await signIn("bob");
  const seen: string[] = [];
  ada.on("typing.updated", ({ data }) => seen.push(data.activity));
  ada.on("receipt.updated", ({ data }) => seen.push(`read ${data.lastReadSeq}`));
  await Promise.all([ada.connect(), bob.connect()]);

  await bob.realtime.messages.typing.mutate({ conversationId, activity: "typing" });
  await eventually(() => expect(seen).toContain("typing"));
  const { seq } = await ada.send(text(conversationId, "hello"));
  await bob.realtime.messages.markRead.mutate({ conversationId, seq });

  await eventually(() => expect(seen).toContain("read 1"));
});

test("a client whose socket is cut again and again gets every message once and in order", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  const sockets = createSockets();
  using ada = await signIn("ada");
  using bob = await signIn("bob", { WebSocket: sockets.WebSocket });
  const atBob = listenForSeqs(bob);
  bob.on("message.created", ({ data }) => void (data.seq % 20 === 10 && sockets.cut()));
  await bob.connect();

  for (let n = 1; n <= 100; n += 1) {
    await ada.send(text(conversationId, `message ${n}`));
    if (n % 20 === 0) await eventually(() => expect(atBob).toHaveLength(n));
  }

  expect(atBob).toEqual(upTo(100));
  expect(sockets.opened).toBe(6);
});

test("a client goes on at another node when its own stops, without loss or doubles", async () => {
  await using echo = await startEcho({ nodes: 2 });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  const sockets = createSockets();
  using ada = await signIn("ada");
  using bob = await signIn("bob", {
    WebSocket: sockets.WebSocket,
    realtimeUrl: echo.nodes.map((node) => node.realtime.url),
  });
  const atBob = listenForSeqs(bob);
  const states = listenForStates(bob);
  await bob.connect();

  for (let n = 0; n < 40; n += 1) {
    await ada.send(text(conversationId, `message ${n}`));
    if (n === 20) void echo.nodes[0]?.realtime.close();
  }

  await eventually(() => expect(atBob).toHaveLength(40));
  expect(atBob).toEqual(upTo(40));
  expect(new Set(sockets.urls).size).toBe(2);
  expect(states).toContainEqual(expect.objectContaining({ state: "waiting", closeCode: 1001 }));
});

test("a client that was away resumes from the place that it kept, in another process", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  using ada = await signIn("ada");
  using before = await signIn("bob");
  await before.connect();
  await ada.send(text(conversationId, "seen"));
  const seen = listenForSeqs(before);
  await ada.send(text(conversationId, "seen, too"));
  await eventually(() => expect(seen).toContain(2));
  const cursor = before.cursor ?? "";
  before.close();
  for (const words of ["missed", "missed, too"]) await ada.send(text(conversationId, words));

  using after = await signIn("bob");
  const atBob = listenForSeqs(after);
  await after.connect({ cursor });
  await ada.send(text(conversationId, "live"));

  await eventually(() => expect(atBob).toHaveLength(3));
  expect(atBob).toEqual([3, 4, 5]);
});

test.each(["another-epoch.1", "nonsense"])(
  "from the place %s, which means nothing here, it is told to list again",
  async (cursor) => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const signIn = createSignIn(echo, testPassword);
    using ada = await signIn("ada");
    using bob = await signIn("bob");
    const resets: string[] = [];
    bob.onReset(({ data }) => resets.push(data.cursor));
    const atBob = listenForSeqs(bob);

    await bob.connect({ cursor });
    await eventually(() => expect(resets).toHaveLength(1));
    await ada.send(text(conversationId, "live"));

    await eventually(() => expect(atBob).toEqual([1]));
    expect(resets[0]).toMatch(/^\S+\.\d+$/);
  },
);

test("a revoked session closes the socket, is forgotten, and the application is told why", async () => {
  await using echo = await startEcho();
  const signIn = createSignIn(echo, testPassword);
  const storage = memoryStorage();
  using ada = await signIn("ada", { storage });
  const states = listenForStates(ada);
  let signedOut = 0;
  ada.onSignedOut(() => {
    signedOut += 1;
  });
  await ada.connect();
  using elsewhere = await signIn("ada");

  await elsewhere.api.auth.logout.mutate({ scope: "others" });

  await eventually(() => expect(states.at(-1)).toEqual({ state: "ended", reason: "revoked" }));
  await eventually(() => expect(signedOut).toBe(1));
  expect(await storage.get("echo.session")).toBeUndefined();
});

test("a sign-out closes the socket and is told once, whichever of the two doors says it first", async () => {
  await using echo = await startEcho();
  using ada = await createSignIn(echo, testPassword)("ada");
  const states = listenForStates(ada);
  let signedOut = 0;
  ada.onSignedOut(() => {
    signedOut += 1;
  });
  await ada.connect();

  await ada.api.auth.logout.mutate();

  await eventually(() => expect(states.at(-1)).toMatchObject({ state: "ended" }));
  await expect(ada.connect()).rejects.toThrow("signedOut");
  expect(signedOut).toBe(1);
});

test("a token that the server no longer takes is renewed, and the socket opens", async () => {
  await using echo = await startEcho();
  const storage = memoryStorage();
  using ada = await createSignIn(echo, testPassword)("ada", { storage });
  const session = JSON.parse(String(await storage.get("echo.session")));
  await storage.set("echo.session", JSON.stringify({ ...session, accessToken: "garbage" }));
  const states = listenForStates(ada);

  await ada.connect();

  expect(states.map(({ state }) => state)).toEqual(["connecting", "waiting", "connecting", "connected"]);
  expect(states[1]).toMatchObject({ closeCode: 4401 });
});

test("the socket outlives its token: the next one is shown on it before", async () => {
  const { defaultLifetimes } = await import("@echo/platform");
  await using echo = await startEcho({ config: { core: { lifetimes: { ...defaultLifetimes, accessMs: 3_000 } } } });
  const sockets = createSockets();
  using ada = await createSignIn(echo, testPassword)("ada", { WebSocket: sockets.WebSocket });
  await ada.connect();
  const renewals = () => sockets.sent.filter((frame) => frame.includes('"auth.renew"'));

  await eventually(() => expect(renewals()).toHaveLength(2));
  await ada.realtime.ping.query();

  expect(new Set(renewals()).size).toBe(2);
  expect(sockets.opened).toBe(1);
});

test("who signs in as somebody else gets that person's events, and no more of the first's", async () => {
  await using echo = await startEcho();
  const adas = await echo.conversationOf("ada", "eve");
  const bobs = await echo.conversationOf("bob", "eve");
  const signIn = createSignIn(echo, testPassword);
  using device = await signIn("ada");
  using eve = await signIn("eve");
  const heard: string[] = [];
  device.on("message.created", ({ data }) => heard.push(data.conversationId));
  await device.connect();
  await eve.send(text(adas.conversationId, "to ada"));
  await eventually(() => expect(heard).toEqual([adas.conversationId]));

  await device.api.auth.login.mutate({ email: (await echo.user("bob")).email, password: testPassword });
  await device.connect();
  await eve.send(text(adas.conversationId, "to ada again"));
  await eve.send(text(bobs.conversationId, "to bob"));

  await eventually(() => expect(heard).toEqual([adas.conversationId, bobs.conversationId]));
});
