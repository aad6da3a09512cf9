import type { LoggedEvent } from "@echo/core/event-log";
import { expect, test } from "vitest";
import { isWithin, neededOf } from "./needed-streams.ts";

const locals = {
  hasUser: (id: string) => ["ada", "bob"].includes(id),
  hasConversation: (id: string) => ["c", "d"].includes(id),
};
const names = (streamIds: string[], userIds: string[] = []) => ({ streamIds, userIds });
const event = (streamId: string, data: LoggedEvent["data"]) => ({ streamId, data }) as LoggedEvent;

test("only named streams of conversations and people who are here", () => {
  expect(neededOf(locals, names(["c", "x", "ada", "eve"]))).toEqual(new Set(["c", "ada"]));
  expect(neededOf(locals, names(["x", "eve"], ["eve"]))).toEqual(new Set());
});

test("everything when nothing is known, and when somebody here joins or leaves", () => {
  expect(neededOf(locals, null)).toBe("everything");
  expect(neededOf(locals, names(["x"], ["eve", "ada"]))).toBe("everything");
});

test("what an event of one's own stream speaks of is needed if the range has it; another's stream tells nothing", () => {
  const own = event("ada", { conversationId: "x" });
  const others = event("c", { conversationId: "y" });

  expect(neededOf(locals, names(["ada", "x", "y"]), [own, others])).toEqual(new Set(["ada", "x"]));
  expect(neededOf(locals, names(["ada"]), [own])).toEqual(new Set(["ada"]));
});

test("what was read is enough while nothing else is needed", () => {
  expect(isWithin(new Set(["c"]), new Set(["c", "d"]))).toBe(true);
  expect(isWithin(new Set(["c", "x"]), new Set(["c"]))).toBe(false);
  expect(isWithin("everything", new Set(["c"]))).toBe(false);
  expect(isWithin(new Set(["c"]), "everything")).toBe(true);
  expect(isWithin("everything", "everything")).toBe(true);
});
