import { expect, test } from "vitest";
import { eventCatalogue } from "./events.ts";
import { DurableEvent, EphemeralEvent, RealtimeEvent } from "./realtime.ts";

const id = "0190b6c0-5f3a-7cc1-8a0f-3c1d2e4f5a6b";
const at = "2026-11-25T02:00:00.000Z";
const profile = { userId: id, username: "ada", displayName: "Ada", bio: "", avatarUrl: null, status: "" };
const message = {
  id,
  conversationId: id,
  seq: 1,
  clientMessageId: "c",
  senderId: id,
  type: "text",
  content: { text: "hello" },
  replyTo: { messageId: id, seq: 1, senderId: null, type: "text", excerpt: "" },
  threadRootId: null,
  threadCount: 0,
  mentions: [],
  reactions: [{ emoji: "+1", count: 2 }],
  metadata: {},
  version: 1,
  createdAt: at,
  editedAt: null,
  deletedAt: null,
};

const durable: Record<DurableEvent["type"], unknown> = {
  "message.created": message,
  "message.updated": message,
  "message.deleted": { ...message, content: null, deletedAt: at },
  "conversation.updated": { conversationId: id },
  "member.added": { conversationId: id, userId: id, role: "member" },
  "member.removed": { conversationId: id, userId: id, role: "admin" },
  "member.updated": { conversationId: id, userId: id, role: "owner" },
  "conversation.added": { conversationId: id },
  "conversation.removed": { conversationId: id, reason: "removed" },
  "conversation.read": { conversationId: id, lastReadSeq: 4 },
  "user.updated": { profile },
};
const ephemeral: Record<EphemeralEvent["type"], unknown> = {
  "connection.ack": { connectionId: "c", serverTime: at, cursor: "e.1", heartbeatMs: 45_000 },
  "receipt.updated": { conversationId: id, userId: id, lastDeliveredSeq: 2, lastReadSeq: 1 },
  "typing.updated": { conversationId: id, userId: id, activity: "none" },
  "session.revoked": { sessionId: id },
  "sync.reset": { cursor: "e.1" },
  "cursor.advanced": { cursor: "e.1" },
};

test.each(Object.entries(durable))("%s has the contract's shape", (type, data) => {
  const event = { type, id: "e.1", streamId: id, eventSeq: 1, actorId: null, at, data };

  expect(DurableEvent.parse(event)).toEqual(event);
  expect(RealtimeEvent.safeParse({ ...event, id: undefined }).success).toBe(false);
  expect(RealtimeEvent.safeParse({ ...event, data: {} }).success).toBe(false);
});

test.each(Object.entries(ephemeral))("%s has the contract's shape", (type, data) => {
  const event = { type, at, data };

  expect(EphemeralEvent.parse(event)).toEqual(event);
  expect(RealtimeEvent.safeParse({ ...event, data: {} }).success).toBe(false);
  expect(DurableEvent.safeParse(event).success).toBe(false);
});

test("an event's message does not say which reactions are the reader's", () => {
  const data = { ...message, reactions: [{ emoji: "+1", count: 2, mine: true }] };
  const event = { type: "message.created", id: "e.1", streamId: id, eventSeq: 1, actorId: id, at, data };

  expect(DurableEvent.parse(event)).toMatchObject({ data: { reactions: [{ emoji: "+1", count: 2 }] } });
  expect(JSON.stringify(DurableEvent.parse(event))).not.toContain("mine");
});

test("the catalogue sends clients every durable event, and consumers two more", () => {
  const names = Object.entries(eventCatalogue);

  expect(
    names
      .filter(([, row]) => row.isSentToClients)
      .map(([name]) => name)
      .sort(),
  ).toEqual(Object.keys(durable).sort());
  expect(names.filter(([, row]) => !row.isSentToClients).map(([name]) => name)).toEqual([
    "user.registered",
    "conversation.created",
  ]);
});

test("the catalogue keeps no text, title or name", () => {
  const keys = Object.values(eventCatalogue).flatMap(({ payload }) =>
    "shape" in payload ? Object.keys(payload.shape) : [],
  );

  expect([...new Set(keys)].sort()).toEqual([
    "conversationId",
    "eventSeq",
    "lastReadSeq",
    "reason",
    "role",
    "spanFrom",
    "userId",
  ]);
});
