import { expect, test } from "vitest";
import {
  excerptOf,
  type MessageContent,
  type MessageType,
  type MessageTypeRow,
  messageTypes,
} from "./message-types.ts";

const id = "0190b6c0-5f3a-7cc1-8a0f-3c1d2e4f5a6b";
const file = { url: "https://cdn.example.org/a", name: "plan.pdf", mime: "application/pdf", bytes: 9 };

/** Type, content, and what is shown of it: excerpt, search text, notification text, console row. */
const rows = [
  ["text", { text: "see you" }, ["see you", "see you", "see you", "Text: 7 characters"]],
  ["attachment", { attachments: [file] }, ["plan.pdf", "plan.pdf", "plan.pdf", "Attachment: 1 file"]],
  [
    "attachment",
    { text: "the plan", attachments: [file, file] },
    ["the plan", "the plan plan.pdf, plan.pdf", "the plan", "Attachment: 2 files"],
  ],
  ["poll", { pollId: id }, ["Poll", "", "Poll", `Poll: ${id}`]],
  ["call", { callId: id }, ["Call", "", "Call", `Call: ${id}`]],
  ["location", { latitude: 1, longitude: 2 }, ["Location", "", "Location", "Location: "]],
  ["location", { latitude: 1, longitude: 2, label: "the pub" }, ["the pub", "the pub", "the pub", "Location: "]],
  [
    "custom",
    { kind: "acme.card", data: {}, fallbackText: "a card" },
    ["a card", "a card", "a card", "Custom: acme.card"],
  ],
  ["system", { event: "joined", params: {} }, ["joined", "", "", "System: joined"]],
] satisfies [MessageType, MessageContent, string[]][];

/** The table pairs each type with its own content, and so do the rows. */
const rowOf = (type: MessageType) => messageTypes[type] as MessageTypeRow<MessageContent>;

test.each(rows)("%s %j", (type, content, shown) => {
  const row = rowOf(type);
  const { label, detail } = row.consoleRow(content);

  expect(row.validation.parse(content)).toEqual(content);
  expect([
    excerptOf(type, content),
    row.searchText(content),
    row.notificationText(content),
    `${label}: ${detail}`,
  ]).toEqual(shown);
});

test("every type is in the table, and staff see nothing that somebody wrote", () => {
  const types: MessageType[] = ["text", "attachment", "poll", "call", "location", "custom", "system"];

  expect(Object.keys(messageTypes).sort()).toEqual(types.sort());
  expect(messageTypes.text.consoleRow({ text: "secret" }).detail).not.toContain("secret");
});

test("the excerpt of a deleted message is empty", () => {
  expect(excerptOf("text", null)).toBe("");
});

test("an excerpt is one line of at most 140 code points that never cuts a pair", () => {
  expect(excerptOf("text", { text: " a\n\n b " })).toBe("a b");
  expect(excerptOf("text", { text: "\u{1f642}".repeat(140) })).toBe("\u{1f642}".repeat(140));
  expect(excerptOf("text", { text: "\u{1f642}".repeat(141) })).toBe(`${"\u{1f642}".repeat(139)}…`);
});
