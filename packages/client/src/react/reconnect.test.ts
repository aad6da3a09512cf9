import { startEcho, testPassword } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { eventually } from "../test-support/eventually.ts";
import { createFetches } from "../test-support/fetches.ts";
import { renderHook } from "../test-support/render-hook.ts";
import { createSignIn } from "../test-support/sign-in.ts";
import { createSockets } from "../test-support/sockets.ts";
import { useConnection } from "./use-connection.ts";
import { type UseMessages, useMessages } from "./use-messages.ts";

const words = ({ messages }: UseMessages) =>
  messages.map(({ content }) => (content && "text" in content ? content.text : null));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => `${index + 1}`);

test("a node that stops loses nothing that others send, and nothing that is written meanwhile", async () => {
  await using echo = await startEcho({ nodes: 2 });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  const realtimeUrl = echo.nodes.map(({ realtime }) => realtime.url);
  using ada = await signIn("ada", { realtimeUrl });
  using bob = await signIn("bob");
  using seen = await renderHook(ada, () => ({ ...useMessages(conversationId), connection: useConnection() }));
  await eventually(() => expect(seen.current).toMatchObject({ status: "ready", connection: { status: "connected" } }));

  for (let n = 1; n <= 20; n += 1) {
    await bob.send({ conversationId, type: "text", content: { text: `${n}` } });
    if (n === 10) void echo.nodes[0]?.realtime.close();
  }
  seen.current.send("21");

  await eventually(() => expect(words(seen.current)).toEqual(upTo(21)));
  await eventually(() => expect(seen.current.connection.status).toBe("connected"));
  const statuses = new Set(seen.all.map(({ connection }) => connection.status));
  expect(statuses).toContain("reconnecting");
  expect(seen.all.some(({ connection }) => connection.nextAttemptAt !== null)).toBe(true);
});

test("a cut is told, with what waits to be sent, and nothing is lost or doubled", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const sockets = createSockets();
  const { fetch, lose } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { WebSocket: sockets.WebSocket, fetch });
  using seen = await renderHook(ada, () => ({ ...useMessages(conversationId), connection: useConnection() }));
  await eventually(() => expect(seen.current.connection).toMatchObject({ status: "connected", pending: 0 }));

  lose("messages.send", "lost answer", 3);
  sockets.cut();
  for (const each of ["1", "2", "3"]) seen.current.send(each);

  await eventually(() => expect(seen.current.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]));
  await eventually(() => expect(seen.current.connection).toMatchObject({ status: "connected", pending: 0 }));
  expect(Math.max(...seen.all.map(({ connection }) => connection.pending))).toBe(3);
  expect(seen.all.map(({ connection }) => connection.status)).toContain("reconnecting");
  expect(Math.max(...seen.all.map(({ messages }) => messages.length))).toBe(3);
});

test("signing out empties what is shown, and says so", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using ada = await createSignIn(echo, testPassword)("ada");
  using seen = await renderHook(ada, () => ({ ...useMessages(conversationId), connection: useConnection() }));
  seen.current.send("private");
  await eventually(() => expect(seen.current.messages).toMatchObject([{ seq: 1 }]));

  await ada.api.auth.logout.mutate({});

  await eventually(() => expect(seen.current.connection.status).toBe("signedOut"));
  expect(seen.current.messages).toEqual([]);
});

test("a reset shows what is there now, without flicker and with what is not sent yet", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { fetch, lose } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch });
  using bob = await createSignIn(echo, testPassword)("bob");
  using seen = await renderHook(ada, () => useMessages(conversationId));
  await eventually(() => expect(seen.current.status).toBe("ready"));
  for (const each of ["1", "2"]) await bob.send({ conversationId, type: "text", content: { text: each } });
  await eventually(() => expect(words(seen.current)).toEqual(["1", "2"]));
  ada.disconnect();
  await bob.send({ conversationId, type: "text", content: { text: "3" } });
  lose("messages.send", "lost request", 5);
  seen.current.send("waits");
  await eventually(() => expect(words(seen.current)).toEqual(["1", "2", "waits"]));
  const before = seen.all.length;

  // From a place of another life of the server, which means nothing here.
  await ada.connect({ cursor: "another-epoch.1" });

  await eventually(() => expect(words(seen.current)).toEqual(["1", "2", "3", "waits"]));
  const since = seen.all.slice(before);
  expect(since.every(({ status, messages }) => status === "ready" && messages.length >= 3)).toBe(true);
  expect(since.every((each) => words(each).includes("waits"))).toBe(true);
  await eventually(() => expect(seen.current.messages.at(-1)).toMatchObject({ seq: 4, content: { text: "waits" } }));
});

test("a device that loses its network says so at once, and is connected again with it", async () => {
  await using echo = await startEcho();
  using ada = await createSignIn(echo, testPassword)("ada");
  const device = new EventTarget();
  const goes = (onLine: boolean) => {
    vi.stubGlobal("navigator", { onLine });
    device.dispatchEvent(new Event(onLine ? "online" : "offline"));
  };
  vi.stubGlobal("addEventListener", device.addEventListener.bind(device));
  vi.stubGlobal("removeEventListener", device.removeEventListener.bind(device));
  try {
    using seen = await renderHook(ada, useConnection);
    await eventually(() => expect(seen.current.status).toBe("connected"));

    goes(false);
    await eventually(() => expect(seen.current.status).toBe("offline"));
    goes(true);

    await eventually(() => expect(seen.current.status).toBe("connected"));
  } finally {
    vi.unstubAllGlobals();
  }
});

test("before a connection there is none, and nothing is loaded", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { fetch, of } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch, realtimeUrl: "ws://127.0.0.1:9" });

  using seen = await renderHook(ada, () => ({ ...useMessages(conversationId), connection: useConnection() }));

  await eventually(() => expect(seen.current.connection).toMatchObject({ status: "reconnecting" }));
  expect(seen.current.status).toBe("loading");
  expect(of("messages.list")).toEqual([]);
});
