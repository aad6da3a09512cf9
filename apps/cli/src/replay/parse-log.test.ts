import { expect, test } from "vitest";
import { parseLinks, parseLog } from "./parse-log.ts";

const log = [
  "=== ada [n=ada@example.org]  has joined #echo",
  "[11:59] <ada> hello",
  "[12:00] <bob> ",
  "[01:02]  * bob waves",
  "=== mode/#echo [+o ada]  by ChanServ",
  "=== ..[topic/#echo:ada] : Welcome",
  "=== ada is now known as ada_l",
  "=== ada_l cries",
  "=== bob was kicked off #echo by ada_l (bye)",
  '=== ada_l [n=ada@example.org]  has left #echo ["Leaving"] ',
  "[01:03] <a[w]ay|> 1 < 2 > [0]",
  "",
].join("\n");

test("every kind of line becomes what it does", () => {
  expect(parseLog(log).actions).toEqual([
    { kind: "join", line: 0, minute: 0, nick: "ada" },
    { kind: "say", line: 1, minute: 719, nick: "ada", text: "hello" },
    { kind: "say", line: 3, minute: 782, nick: "bob", text: "waves" },
    { kind: "rename", line: 6, minute: 782, nick: "ada", to: "ada_l" },
    { kind: "say", line: 7, minute: 782, nick: "ada_l", text: "cries" },
    { kind: "leave", line: 8, minute: 782, nick: "bob" },
    { kind: "leave", line: 9, minute: 782, nick: "ada_l" },
    { kind: "say", line: 10, minute: 783, nick: "a[w]ay|", text: "1 < 2 > [0]" },
  ]);
});

test("lines that say nothing are counted with their reason", () => {
  expect(parseLog(log).skipped).toEqual([
    { line: 2, reason: "no text" },
    { line: 4, reason: "says nothing about people" },
    { line: 5, reason: "says nothing about people" },
  ]);
});

test("of several links the nearest earlier line counts, and a line that starts a conversation has none", () => {
  const links = parseLinks("3 9 -\n7 9 -\n5 5 -\n9 4 -\nnot a link\n");

  expect([...links]).toEqual([[9, 7]]);
});
