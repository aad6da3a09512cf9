import { describe, expect, test } from "vitest";
import * as contracts from "./index.ts";
import { conversations } from "./test-rows/conversations.ts";
import { messages } from "./test-rows/messages.ts";
import { people } from "./test-rows/people.ts";
import { id, without } from "./test-rows/row.ts";
import { sending } from "./test-rows/sending.ts";
import { staff } from "./test-rows/staff.ts";

const table = { ...people, ...sending, ...messages, ...conversations, ...staff };
const message = { conversationId: id, clientMessageId: "c-1", type: "text", content: { text: "hello" } };

describe.each(Object.entries(table))("%s", (_name, { schema, good, required, bad }) => {
  const passes = (value: unknown) => schema.safeParse(value).success;

  test.each(good)("accepts %j", (value) => {
    expect(schema.safeParse(value).error).toBeUndefined();
  });

  test.each(bad)("refuses %j", (value) => {
    expect(passes(value)).toBe(false);
  });

  test.each([null, "text", 5, true, [], [good[0]]])("refuses %j, which is no object", (value) => {
    expect(passes(value)).toBe(false);
  });

  test("refuses a key that it does not know", () => {
    expect(passes({ ...Object(good[0]), unknownKey: 1 })).toBe(false);
  });

  test.each(required)("refuses an input without %s", (key) => {
    expect(passes(without(Object(good[0]), key))).toBe(false);
  });
});

test("every input of the contract stands in the table", () => {
  const inputs = Object.keys(contracts).filter((name) => name.endsWith("Input"));

  expect(inputs.sort()).toEqual([...Object.keys(table), "DeviceInput", "PageInput"].sort());
});

test("an id reads the same however it was typed", () => {
  expect(contracts.Id.parse(id.toUpperCase())).toBe(id);
});

test("what is absent gets its default", () => {
  expect(contracts.LogoutInput.parse(undefined)).toEqual({ scope: "this" });
  expect(contracts.ListConversationsInput.parse({})).toEqual({ limit: 50 });
  expect(contracts.ListMessagesInput.parse({ conversationId: id })).toEqual({ conversationId: id, limit: 50 });
  expect(contracts.SyncInput.parse(undefined)).toEqual({ waitMs: 0 });
});

test("a fault is told with its place and in words", () => {
  const { error } = contracts.SendMessageInput.safeParse({ ...message, type: "system" });

  expect(error?.issues).toMatchObject([{ path: ["type"], message: "Must be text, attachment, location or custom" }]);
});

test("JSON that is nested without end is refused, not followed", () => {
  const deep = JSON.parse(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);

  expect(contracts.SendMessageInput.safeParse({ ...message, metadata: deep }).success).toBe(false);
});
