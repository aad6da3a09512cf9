import type { MarkInput, RealtimeEvent } from "@echo/contracts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createIntake } from "./intake.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const at = "2026-11-25T00:00:00.000Z";
const created = (id: string, seq: number, senderId = "bob") =>
  ({ type: "message.created", id, at, data: { id: `m${seq}`, conversationId: "c", seq, senderId } }) as RealtimeEvent;

function intakeOf(acknowledge = true) {
  const heard: string[] = [];
  const marks: MarkInput[] = [];
  const intake = createIntake({
    acknowledge,
    markDelivered: async (mark) => marks.push(mark),
    userId: () => "ada",
    emit: (type, event) => void heard.push(`${type} ${"id" in event ? event.id : ""}`.trim()),
  });
  intake.acknowledger.resume();
  return { intake, heard, marks };
}

test("an event that comes twice is heard once, and so is a message under another event's id", () => {
  const { intake, heard } = intakeOf();

  for (const event of [created("e.2", 2), created("e.1", 1), created("e.2", 2), created("f.9", 2)]) intake.take(event);

  expect(heard).toEqual(["message.created e.2", "message.created e.1"]);
});

test("what has no place in the log is heard each time", () => {
  const { intake, heard } = intakeOf();
  const typing = {
    type: "typing.updated",
    at,
    data: { conversationId: "c", userId: "bob", activity: "typing" },
  } as const;

  intake.take(typing);
  intake.take(typing);

  expect(heard).toEqual(["typing.updated", "typing.updated"]);
});

test("what others send is acknowledged, one's own is not", async () => {
  const { intake, marks } = intakeOf();
  intake.take(created("e.1", 1));
  intake.take(created("e.2", 2));
  intake.take(created("e.3", 3, "ada"));
  await vi.runAllTimersAsync();

  expect(marks).toEqual([{ conversationId: "c", seq: 2 }]);
});

test.each<RealtimeEvent>([
  { type: "receipt.updated", at, data: { conversationId: "c", userId: "ada", lastDeliveredSeq: 1, lastReadSeq: 0 } },
  {
    type: "conversation.read",
    at,
    id: "e.2",
    streamId: "ada",
    eventSeq: 1,
    actorId: "ada",
    data: { conversationId: "c", lastReadSeq: 1 },
  },
])("what another device acknowledged is not acknowledged again: $type", async (event) => {
  const { intake, marks } = intakeOf();
  intake.take(created("e.1", 1));
  intake.take(event);
  await vi.runAllTimersAsync();

  expect(marks).toEqual([]);
});

test("an application that acknowledges by itself is left to it", async () => {
  const { intake, marks } = intakeOf(false);
  intake.take(created("e.1", 1));
  await vi.runAllTimersAsync();

  expect(marks).toEqual([]);
});

test("who comes next hears everything, and acknowledges nothing of whoever was before", async () => {
  const { intake, heard, marks } = intakeOf();
  intake.take(created("e.1", 1));

  intake.forget();
  await vi.runAllTimersAsync();
  intake.take(created("e.1", 1));

  expect(marks).toEqual([]);
  expect(heard).toEqual(["message.created e.1", "message.created e.1"]);
});
