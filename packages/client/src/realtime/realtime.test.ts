import type { RealtimeEvent } from "@echo/contracts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { networkError } from "../errors.ts";
import { FakeSocket } from "../test-support/fake-socket.ts";
import type { TokenSource } from "../tokens/token-source.ts";
import { createUrlList } from "../url-list.ts";
import { type ConnectionState, Realtime } from "./realtime.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const passed = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const tokenOf = (accessToken: string, staleAt = Number.POSITIVE_INFINITY) => ({ accessToken, userId: "ada", staleAt });

function realtimeOf(tokens: Partial<TokenSource> = {}, urls: string[] = ["ws://a", "ws://b"]) {
  const sockets: FakeSocket[] = [];
  const states: ConnectionState[] = [];
  const events: RealtimeEvent[] = [];
  class Socket extends FakeSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  const realtime = new Realtime({
    urls: createUrlList(urls),
    tokens: {
      current: async () => tokenOf("t1"),
      renew: async () => tokenOf("t2"),
      userId: async () => "u",
      ...tokens,
    },
    WebSocket: Socket,
    onEvent: (event) => void events.push(event),
    onState: (state) => void states.push(state),
  });
  /** The newest socket, opened. */
  const opened = async () => {
    await passed(0);
    const socket = sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    socket.open();
    return socket;
  };
  const names = () => states.map((state) => (state.state === "ended" ? `ended ${state.reason}` : state.state));
  return { realtime, sockets, states, names, events, opened };
}

const cursorOf = (socket: FakeSocket) => socket.last.params.input.cursor;
const paramsOf = (socket: FakeSocket) => JSON.parse(socket.sent[0] ?? "{}").data.token;

test.each([1001, 1006, 1013, 4408])("after %i it resumes from its place, at the next address", async (code) => {
  const { realtime, opened, names } = realtimeOf();
  realtime.start();
  const first = await opened();
  first.acknowledge("e.7");
  first.closeWith(code);

  await passed(500);
  const second = await opened();

  expect([first.url, second.url]).toEqual(["ws://a/trpc", "ws://b/trpc"]);
  expect([cursorOf(first), cursorOf(second)]).toEqual([undefined, "e.7"]);
  expect(names()).toEqual(["connecting", "connected", "waiting", "connecting"]);
});

test("a call that went down with its connection is made on the next one, and goes down with that", async () => {
  const { realtime, opened } = realtimeOf();
  realtime.start();
  const first = await opened();
  first.acknowledge("e.1");
  const typing = { type: "mutation", path: "messages.typing", input: {} };
  const call = realtime.call(typing);
  const failing = expect(realtime.call(typing)).rejects.toThrow("closed before the answer came");
  await passed(0);
  first.closeWith(1001);
  await passed(500);
  const second = await opened();
  second.acknowledge("e.1");
  await passed(0);
  const ids = second.sent.map((text) => JSON.parse(text)).filter(({ params }) => params?.path === typing.path);

  second.hear({ id: ids[0]?.id, result: { type: "data", data: { ok: true } } });
  second.closeWith(1001);

  expect(ids).toHaveLength(2);
  await expect(call).resolves.toEqual({ ok: true });
  await failing;
});

test("the place is that of the last frame, of whatever kind", async () => {
  const { realtime, opened } = realtimeOf();
  realtime.start("e.3");
  const first = await opened();
  expect(cursorOf(first)).toBe("e.3");
  first.acknowledge("e.3");
  const typing = { type: "typing.updated", at: "", data: {} };
  first.hear({ id: 1, result: { type: "data", id: "e.9", data: { id: "e.9", data: typing } } });
  first.closeWith(1006);
  await passed(500);

  expect(cursorOf(await opened())).toBe("e.9");
  expect(realtime.cursor).toBe("e.9");
});

test("waits grow while no connection comes to anything, each address having its turn, and shrink after one does", async () => {
  const { realtime, sockets, states, opened } = realtimeOf();
  realtime.start();
  await passed(0);
  for (let n = 0; n < 6; n += 1) {
    sockets.at(-1)?.closeWith(1006);
    await passed(2_000);
  }
  const socket = await opened();
  socket.acknowledge("e.1");
  socket.closeWith(1006);

  const waits = states.flatMap((state) => (state.state === "waiting" ? [state.retryInMs] : []));
  expect(waits).toEqual([500, 500, 1_000, 1_000, 2_000, 2_000, 500]);
  expect(sockets.slice(0, 4).map(({ url }) => url)).toEqual([
    "ws://a/trpc",
    "ws://b/trpc",
    "ws://a/trpc",
    "ws://b/trpc",
  ]);
});

test("a refused token is renewed before the next try, at the same address", async () => {
  const { realtime, opened } = realtimeOf();
  realtime.start();
  const first = await opened();
  first.closeWith(4401);
  await passed(500);
  const second = await opened();

  expect([paramsOf(first), paramsOf(second)]).toEqual(["t1", "t2"]);
  expect(second.url).toBe("ws://a/trpc");
});

test("a refused token that cannot be bettered ends it", async () => {
  const { realtime, opened, sockets, names } = realtimeOf({ renew: async () => null });
  realtime.start();
  const ready = expect(realtime.ready()).rejects.toThrow("signedOut");
  (await opened()).closeWith(4401);
  await passed(60_000);
  await ready;

  expect(sockets).toHaveLength(1);
  expect(names().at(-1)).toBe("ended signedOut");
});

test("a revoked session ends it", async () => {
  const { realtime, opened, sockets, names } = realtimeOf();
  realtime.start();
  (await opened()).closeWith(4403);
  await passed(60_000);

  expect(sockets).toHaveLength(1);
  expect(names().at(-1)).toBe("ended revoked");
});

test("one socket too many waits long", async () => {
  const { realtime, opened, states } = realtimeOf();
  realtime.start();
  (await opened()).closeWith(1008);

  expect(states.at(-1)).toEqual({ state: "waiting", retryInMs: 8_000, closeCode: 1008 });
});

test("without network for a token it tries again, and at once when the network is back", async () => {
  let isOnline = false;
  const { realtime, sockets, states } = realtimeOf({
    current: async () => (isOnline ? tokenOf("t1") : Promise.reject(networkError("offline"))),
  });
  realtime.start();
  await passed(120_000);
  expect(sockets).toHaveLength(0);
  expect(states.at(-1)).toMatchObject({ state: "waiting", closeCode: null, error: { message: "offline" } });
  isOnline = true;

  realtime.wake();
  await passed(0);

  expect(sockets).toHaveLength(1);
});

test("a place that the server cannot read is given up: live from now, and the application is told", async () => {
  const { realtime, opened, events } = realtimeOf();
  realtime.start("nonsense");
  (await opened()).hear({ id: 1, error: { message: "", code: -32_600, data: { code: "BAD_REQUEST" } } });
  await passed(500);
  const second = await opened();
  expect(cursorOf(second)).toBeUndefined();
  second.acknowledge("e.40");

  expect(events.map((event) => event.type)).toEqual(["connection.ack", "sync.reset"]);
  expect(events[1]).toMatchObject({ data: { cursor: "e.40" } });
});

test("the next token is shown before the present one ends", async () => {
  let token = tokenOf("t1", Date.now() + 5_000);
  const { realtime, opened } = realtimeOf({ current: async () => token });
  realtime.start();
  const socket = await opened();
  socket.acknowledge("e.1");
  token = tokenOf("t2");
  await passed(5_000);

  expect(socket.last).toMatchObject({ method: "mutation", params: { path: "auth.renew", input: { token: "t2" } } });
});

test("a token that the socket will not take is shown to a new one", async () => {
  let token = tokenOf("t1", Date.now() + 5_000);
  const { realtime, opened } = realtimeOf({ current: async () => token });
  realtime.start();
  const socket = await opened();
  socket.acknowledge("e.1");
  token = tokenOf("t2");
  await passed(5_000);
  socket.hear({ id: socket.last.id, error: { message: "", code: -32_003, data: { code: "FORBIDDEN" } } });
  await passed(500);
  const second = await opened();

  expect(paramsOf(second)).toBe("t2");
  expect(cursorOf(second)).toBe("e.1");
});

test("stopped, it stays stopped; started again, it resumes", async () => {
  const { realtime, opened, sockets } = realtimeOf();
  realtime.start();
  const first = await opened();
  first.acknowledge("e.2");

  realtime.stop("disconnected");
  await passed(60_000);
  expect([first.isClosed, sockets.length]).toEqual([true, 1]);
  realtime.start();

  expect(cursorOf(await opened())).toBe("e.2");
});

test("somebody else begins live, not at the place of whoever was there before", async () => {
  const { realtime, opened } = realtimeOf();
  realtime.start();
  const first = await opened();
  first.acknowledge("e.2");

  realtime.restart();
  const second = await opened();

  expect(first.isClosed).toBe(true);
  expect(cursorOf(second)).toBeUndefined();
});

test("a call without a connection fails in time, and one that waited goes when it is there", async () => {
  const { realtime, opened } = realtimeOf();
  await expect(realtime.call({ type: "query", path: "ping", input: {} })).rejects.toThrow("Not connected");
  realtime.start();

  const late = expect(realtime.call({ type: "query", path: "ping", input: {} })).rejects.toThrow("in time");
  await passed(10_000);
  await late;
  const answer = realtime.call({ type: "query", path: "ping", input: {} });
  const socket = await opened();
  socket.acknowledge("e.1");
  await passed(0);
  socket.hear({ id: socket.last.id, result: { data: "pong" } });

  expect(await answer).toBe("pong");
});
