import type { Message, MessagePage } from "@echo/contracts";
import { expect, test } from "vitest";
import { extend, insertInto, type MessageWindow, replaceIn, trim, windowOf } from "./message-window.ts";

const message = (seq: number, change: Partial<Message> = {}) =>
  ({ id: `m${seq}`, seq, version: 1, deletedAt: null, ...change }) as Message;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
const page = (from: number, to: number, more: Partial<MessagePage> = {}): MessagePage => ({
  items: range(from, to),
  profiles: [],
  hasMoreBefore: true,
  hasMoreAfter: true,
  ...more,
});
const held = (from: number, to: number, change: Partial<MessageWindow> = {}): MessageWindow => ({
  ...windowOf(page(from, to)),
  ...change,
});
const seqs = ({ items }: MessageWindow) => items.map(({ seq }) => seq);

const whole = { hasOlder: false, hasNewer: false };

test.each([
  { what: "the next one", window: held(1, 3, whole), seq: 4, expected: [1, 2, 3, 4] },
  { what: "one out of order", window: { ...whole, items: [message(1), message(3)] }, seq: 2, expected: [1, 2, 3] },
  { what: "the first one of all", window: held(1, 0, whole), seq: 1, expected: [1] },
  { what: "one that it has", window: held(1, 3, whole), seq: 2, expected: [1, 2, 3] },
  { what: "one after more that is not held", window: held(1, 3), seq: 9, expected: [1, 2, 3] },
  { what: "one before more that is not held", window: held(5, 6), seq: 2, expected: [5, 6] },
])("$what goes where it belongs, or nowhere", ({ window, seq, expected }) => {
  expect(seqs(insertInto(window, message(seq)))).toEqual(expected);
});

test("a newer version replaces an older one, never the other way round", () => {
  const edited = message(2, { version: 3 });
  const window = replaceIn(held(1, 3), edited);

  expect(window.items[1]).toBe(edited);
  expect(replaceIn(window, message(2, { version: 2 }))).toBe(window);
  expect(replaceIn(window, message(7, { version: 9 }))).toBe(window);
});

test("a late edit does not bring a deleted message back", () => {
  const window = replaceIn(held(1, 3), message(2, { version: 2, deletedAt: "now", content: null } as Partial<Message>));

  expect(replaceIn(window, message(2, { version: 5 }))).toBe(window);
});

test("a page extends it at its end without repeats, and says whether there is more", () => {
  const older = extend(held(10, 12), page(7, 10, { hasMoreBefore: false }), "older");
  const newer = extend(older, page(12, 14, { hasMoreAfter: false }), "newer");

  expect(seqs(newer)).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
  expect(newer).toMatchObject({ hasOlder: false, hasNewer: false });
});

test("what is too much is let go at the end that nobody looks at, and is there to be loaded again", () => {
  const window = held(1, 6, { hasOlder: false, hasNewer: false });

  expect(trim(window, 4, "older")).toMatchObject({ items: range(1, 4), hasOlder: false, hasNewer: true });
  expect(trim(window, 4, "newer")).toMatchObject({ items: range(3, 6), hasOlder: true, hasNewer: false });
  expect(trim(window, 6, "newer")).toBe(window);
});
