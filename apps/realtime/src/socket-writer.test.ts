import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { SocketWriter, TickWriter } from "./socket-writer.ts";

const opened: { destroy(): void }[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** Two ends of one connection. */
async function pair(): Promise<[here: Socket, there: Socket]> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const there = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [here] = (await once(server, "connection")) as [Socket];
  server.close();
  opened.push(here, there);
  return [here, there];
}

const writerOf = (socket: Socket, more: { isOpen?: () => boolean; onOverflow?: () => void; tick?: TickWriter } = {}) =>
  new SocketWriter({ socket, tick: new TickWriter(), isOpen: () => true, onOverflow: () => undefined, ...more });

const event = Buffer.alloc(1_000, "x");

test("the frames of one tick leave as one buffer in one system call, in order", async () => {
  const [here, there] = await pair();
  const [write, writev] = [vi.spyOn(here, "_write"), vi.spyOn(here, "_writev" as "_write")];
  const writer = writerOf(here);
  const received: string[] = [];
  there.on("data", (chunk) => received.push(String(chunk)));

  for (const text of ["a", "b", "c"]) writer.write(Buffer.from(text), 1);
  expect(received.join("")).toBe("");

  await vi.waitFor(() => expect(received.join("")).toBe("abc"));
  expect(write).toHaveBeenCalledTimes(1);
  expect(writev).not.toHaveBeenCalled();
});

test("sockets that get the same frames in a tick share the bytes, and each gets its own all the same", async () => {
  const tick = new TickWriter();
  const pairs = await Promise.all(Array.from({ length: 6 }, pair));
  const writers = pairs.map(([socket]) => writerOf(socket, { tick }));
  const writes = pairs.map(([here]) => vi.spyOn(here, "write"));
  const received = pairs.map(() => "");
  for (const [index, [, there]] of pairs.entries()) there.on("data", (chunk) => (received[index] += String(chunk)));
  const [a, b, c] = ["a", "b", "c"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  // Those of even places have the rooms a and b, those of odd ones a and c, and the last one all three.
  const given = [
    [a, b],
    [a, c],
    [a, b],
    [a, c],
    [a, b],
    [a, b, c],
  ];

  for (const frame of [a, b, c])
    for (const [index, frames] of given.entries()) if (frames.includes(frame)) writers[index]?.write(frame, 1);

  await vi.waitFor(() => expect(received).toEqual(["ab", "ac", "ab", "ac", "ab", "abc"]));
  const buffers = writes.map(({ mock }) => mock.calls[0]?.[0]);
  expect(buffers[2]).toBe(buffers[0]);
  expect(buffers[4]).toBe(buffers[0]);
  expect(buffers[3]).toBe(buffers[1]);
  expect(new Set(buffers).size).toBe(3);
});

test("a frame that comes again in a later tick is joined anew", async () => {
  const [here, there] = await pair();
  const writer = writerOf(here);
  let received = "";
  there.on("data", (chunk) => (received += String(chunk)));
  const [a, b] = [Buffer.from("a"), Buffer.from("b")];

  for (const frames of [[a, b], [a], [b, a], [a, a]]) {
    const before = received.length;
    for (const frame of frames) writer.write(frame, 1);
    await vi.waitFor(() => expect(received).toHaveLength(before + frames.length));
  }

  expect(received).toBe("ababaaa");
});

test("what another writer of the socket writes in between stays whole", async () => {
  const [here, there] = await pair();
  const writer = writerOf(here);
  const received: string[] = [];
  there.on("data", (chunk) => received.push(String(chunk)));

  for (const text of ["1", "2"]) {
    writer.write(Buffer.from(text), 1);
    here.cork();
    here.write("(");
    here.write(")");
    here.uncork();
  }

  await vi.waitFor(() => expect(received.join("")).toHaveLength(6));
  expect(received.join("").replaceAll("()", "")).toBe("12");
});

test("nothing follows a close frame", async () => {
  const [here, there] = await pair();
  let isOpen = true;
  const writer = writerOf(here, { isOpen: () => isOpen });
  const received: string[] = [];
  there.on("data", (chunk) => received.push(String(chunk)));

  writer.write(Buffer.from("late"), 1);
  here.write("close");
  isOpen = false;

  await vi.waitFor(() => expect(received.join("")).toBe("close"));
  await new Promise(setImmediate);
  here.end();
  for await (const _ of there);
  expect(received.join("")).toBe("close");
});

test("a reader that keeps up never overflows, however much it gets", async () => {
  const [here, there] = await pair();
  const onOverflow = vi.fn();
  const writer = writerOf(here, { onOverflow });
  let bytes = 0;
  there.on("data", (chunk) => {
    bytes += chunk.length;
  });

  for (let batch = 0; batch < 100; batch += 1) {
    for (let n = 0; n < 100; n += 1) writer.write(event, 1);
    await vi.waitFor(() => expect(bytes).toBe((batch + 1) * 100 * event.length), { interval: 1 });
  }

  expect(onOverflow).not.toHaveBeenCalled();
});

test("a reader that stops overflows at 256 events that the kernel does not take, and what was written before has no hole", async () => {
  const [here, there] = await pair();
  there.pause();
  let written = 0;
  let isOver = false;
  const writer = writerOf(here, {
    onOverflow: () => {
      isOver = true;
    },
  });
  const numbered = () => Buffer.from(String(++written).padStart(1_000));

  while (!isOver) {
    writer.write(numbered(), 1);
    if (written % 50 === 0) await new Promise(setImmediate);
    expect(written).toBeLessThan(100_000);
  }
  const waiting = Math.floor(here.writableLength / 1_000);
  expect(waiting).toBeGreaterThan(256);
  expect(waiting).toBeLessThan(256 + 2 * 64);

  here.end();
  const chunks: Buffer[] = [];
  for await (const chunk of there) chunks.push(chunk);
  const numbers = Buffer.concat(chunks).toString().match(/\d+/g)?.map(Number);
  expect(numbers).toEqual(Array.from({ length: written }, (_, index) => index + 1));
});

test("1 MiB that the kernel does not take overflows as well, by answers too", async () => {
  const [here, there] = await pair();
  there.pause();
  const onOverflow = vi.fn();
  const writer = writerOf(here, { onOverflow });

  for (let n = 0; n < 1_000 && onOverflow.mock.calls.length === 0; n += 1) {
    writer.write(Buffer.alloc(60_000), 0);
    await new Promise(setImmediate);
  }

  expect(onOverflow).toHaveBeenCalled();
  expect(here.writableLength).toBeLessThan(2 * 1024 * 1024);
});

test("a page is done when the kernel has it, and when the socket is gone", async () => {
  const [here, there] = await pair();
  const writer = writerOf(here);
  await writer.writePage([event, event]);

  there.pause();
  const big = Array.from({ length: 60 }, () => Buffer.alloc(200_000));
  let isDone = false;
  const page = writer.writePage(big).then(() => {
    isDone = true;
  });
  await new Promise(setImmediate);
  expect(isDone).toBe(false);
  there.resume();
  await page;

  there.pause();
  const lost = writer.writePage(big);
  here.destroy();
  await lost;
});
