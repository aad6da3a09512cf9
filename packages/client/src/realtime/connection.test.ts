import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket } from "../test-support/fake-socket.ts";
import { Connection } from "./connection.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function connect(cursor: string | null = null) {
  let socket = new FakeSocket("");
  const events: string[] = [];
  const closes: number[] = [];
  const refusals: unknown[] = [];
  class Socket extends FakeSocket {
    constructor(url: string) {
      super(url);
      socket = this;
    }
  }
  const connection = new Connection({
    url: "ws://echo/trpc",
    token: "token",
    cursor,
    WebSocket: Socket,
    onEvent: (place, event) => void events.push(`${place} ${event.type}`),
    onRefused: (error) => void refusals.push(error),
    onClose: (code) => void closes.push(code),
  });
  return { connection, socket, events, closes, refusals };
}

test("the token comes first, then the subscription from where the client was", () => {
  const { socket, events } = connect("e.5");
  socket.open();
  socket.acknowledge("e.5");

  expect(socket.sent.map((text) => JSON.parse(text))).toEqual([
    { method: "connectionParams", data: { token: "token" } },
    { id: 1, method: "subscription", params: { path: "events.subscribe", input: { cursor: "e.5" } } },
  ]);
  expect(events).toEqual(["e.5 connection.ack"]);
});

test("a server's PING is answered, and nothing else comes of it", () => {
  const { socket, events } = connect();
  socket.open();
  socket.hear("PING");

  expect(socket.sent.at(-1)).toBe("PONG");
  expect(events).toEqual([]);
});

test("a server that is silent is asked for a sign of life, and given up when it gives none", () => {
  const { socket, closes } = connect();
  socket.open();
  socket.acknowledge("e.1", 1_000);

  vi.advanceTimersByTime(1_250);
  expect(socket.sent.at(-1)).toBe("PING");
  socket.hear("PONG");
  vi.advanceTimersByTime(1_000);
  expect(closes).toEqual([]);
  vi.advanceTimersByTime(1_000);

  expect(closes).toEqual([1006]);
  expect(socket.isClosed).toBe(true);
});

test("a server that never says anything is given up", () => {
  const { closes } = connect();

  vi.advanceTimersByTime(15_000);

  expect(closes).toEqual([1006]);
});

test("each call gets its own answer, in whatever order and packing they come", async () => {
  const { connection, socket } = connect();
  socket.open();
  const first = connection.call({ type: "mutation", path: "messages.markRead", input: { seq: 1 } });
  const second = connection.call({ type: "query", path: "ping", input: undefined });
  const [a, b] = socket.sent.slice(-2).map((text) => JSON.parse(text).id);

  const error = { message: "No", code: -32_000, data: { code: "FORBIDDEN", message: "No", requestId: "r" } };
  socket.hear([
    { id: b, result: { type: "data", data: "pong" } },
    { id: a, error },
    { id: null, error },
    { id: 99, error },
  ]);

  expect(await second).toBe("pong");
  await expect(first).rejects.toMatchObject({ message: "No", data: { code: "FORBIDDEN" } });
});

test("a call that is not answered in time, or whose connection closes, fails without a code", async () => {
  const { connection, socket } = connect();
  await expect(connection.call({ type: "query", path: "ping", input: {} })).rejects.toThrow("closed");
  socket.open();
  socket.acknowledge("e.1");

  const late = expect(connection.call({ type: "query", path: "ping", input: {} })).rejects.toThrow("in time");
  await vi.advanceTimersByTimeAsync(10_000);
  await late;
  const lost = expect(connection.call({ type: "query", path: "ping", input: {} })).rejects.toThrow("before the answer");
  socket.closeWith(1001);
  await lost;
});

test("a subscription that is refused or stopped is told, with the server's word", () => {
  const { socket, refusals } = connect();
  socket.open();
  socket.hear({ id: 1, error: { message: "cursor", code: -32_600, data: { code: "BAD_REQUEST" } } });
  socket.hear({ id: 1, result: { type: "stopped" } });

  expect(refusals).toMatchObject([{ data: { code: "BAD_REQUEST" } }, { message: "The subscription was stopped" }]);
});

test("the end is told once, and what still comes is nobody's", () => {
  const { connection, socket, closes, events } = connect();
  socket.open();
  connection.abandon();
  socket.acknowledge("e.1");
  socket.closeWith(1000);

  expect(closes).toEqual([1006]);
  expect(events).toEqual([]);
});

test("whatever speaks another language is given up", () => {
  const { socket, closes } = connect();
  socket.open();
  socket.hear("<html>");

  expect(closes).toEqual([1006]);
});
