import { expect, test } from "vitest";
import { requestHash } from "./request-hash.ts";

const conversationId = "0193b3a0-0000-7000-8000-000000000001";
const text = (more: object = {}) =>
  ({ conversationId, clientMessageId: "a", type: "text", content: { text: "hi" }, ...more }) as Parameters<
    typeof requestHash
  >[0];

test("the order of keys does not count", () => {
  const one = { kind: "a.b", data: { b: [1, { d: null, c: "é" }], a: 2 }, fallbackText: "x" };
  const other = { fallbackText: "x", data: { a: 2, b: [1, { c: "é", d: null }] }, kind: "a.b" };
  const hashes = [one, other].map((content) => requestHash(text({ type: "custom", content })));
  expect(hashes[0]).toEqual(hashes[1]);
});

test("absent counts as the default", () => {
  expect(requestHash(text({ mentions: [], metadata: {}, replyToId: undefined }))).toEqual(requestHash(text()));
});

test("each of the six parts counts, the key and the conversation do not", () => {
  const hashes = [
    text(),
    text({ type: "custom" }),
    text({ content: { text: "ho" } }),
    text({ replyToId: conversationId }),
    text({ threadRootId: conversationId }),
    text({ mentions: [{ userId: "all", offset: 0, length: 1 }] }),
    text({ metadata: { a: 1 } }),
  ].map((input) => requestHash(input).toString("hex"));

  expect(new Set(hashes).size).toBe(hashes.length);
  expect(requestHash(text({ clientMessageId: "b", conversationId: "x" }))).toEqual(requestHash(text()));
});
