import { expect, test } from "vitest";
import { readFrame, readToken } from "./client-frame.ts";

const call = (id: unknown, method = "query", params: unknown = { path: "ping" }) => ({ id, method, params });
const read = (value: unknown) => readFrame(JSON.stringify(value));
const refusalsOf = (text: string) =>
  readFrame(text).map((message) => (message.kind === "refused" ? [message.id, message.error.code] : message.kind));

test('a call is read with its id as JSON, so that 1 and "1" stay two', () => {
  expect(read(call(1, "mutation", { path: "a.b", input: { x: 1 } }))).toEqual([
    { kind: "call", id: "1", type: "mutation", path: "a.b", input: { x: 1 }, lastEventId: undefined },
  ]);
  expect(read(call("1", "subscription", { path: "a", lastEventId: "e.1" }))).toMatchObject([
    { id: '"1"', type: "subscription", lastEventId: "e.1" },
  ]);
});

test("all calls of a tick come as one array", () => {
  expect(read([call(1), { id: 2, method: "subscription.stop" }])).toMatchObject([
    { kind: "call", id: "1" },
    { kind: "stop", id: "2" },
  ]);
});

test.each([
  ["no JSON", "{", null],
  ["an empty text", "", null],
  ["an empty array", "[]", null],
  ["null", "null", null],
  ["a number", "7", null],
  ["no id", '{"method":"query","params":{"path":"ping"}}', null],
  ["id null", '{"id":null,"method":"query","params":{"path":"ping"}}', null],
  ["an id that JSON cannot write", '{"id":1e999,"method":"query","params":{"path":"ping"}}', null],
  ["an object as id", '{"id":{},"method":"query","params":{"path":"ping"}}', null],
  ["an unknown method", '{"id":1,"method":"batch","params":{"path":"ping"}}', "1"],
  ["no params", '{"id":1,"method":"query"}', "1"],
  ["a path of another type", '{"id":1,"method":"query","params":{"path":["ping"]}}', "1"],
  ["a lastEventId of another type", '{"id":1,"method":"subscription","params":{"path":"a","lastEventId":7}}', "1"],
  ["a second connectionParams", '{"method":"connectionParams","data":{"token":"t"}}', null],
  ["a stop without an id", '{"method":"subscription.stop"}', null],
])("%s is refused, on its id where one can be read", (_what, text, id) => {
  expect(refusalsOf(text)).toEqual([[id, "BAD_REQUEST"]]);
});

test("one bad message of an array does not take the others with it", () => {
  expect(refusalsOf(JSON.stringify([call(1), { id: 2 }, call(3)]))).toEqual(["call", ["2", "BAD_REQUEST"], "call"]);
});

test("50 calls pass; of 51 every id is refused, each once", () => {
  const calls = Array.from({ length: 51 }, (_, index) => call(index));

  expect(read(calls.slice(0, 50)).every(({ kind }) => kind === "call")).toBe(true);
  expect(refusalsOf(JSON.stringify(calls))).toEqual(calls.map(({ id }) => [String(id), "BAD_REQUEST"]));
  expect(refusalsOf(JSON.stringify(Array.from({ length: 20_000 }, () => 1)))).toEqual([[null, "BAD_REQUEST"]]);
});

test("an id of 50 KiB is not carried in every event", () => {
  expect(read(call("x".repeat(50_000)))).toMatchObject([{ kind: "refused" }]);
});

test("the token is read from connectionParams, and from nothing else", () => {
  expect(readToken('{"method":"connectionParams","data":{"token":"t"}}')).toBe("t");
  for (const text of [
    "{",
    "null",
    '{"method":"connectionParams","data":null}',
    '{"method":"connectionParams","data":{"token":1}}',
    '{"method":"query","data":{"token":"t"}}',
  ]) {
    expect(readToken(text)).toBeNull();
  }
});
