import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Actor } from "../core.ts";
import { addMembers, removeMember } from "../membership/index.ts";
import { createTestCore, refusalOf, type TestCore, textTo } from "../test-core.ts";
import { markDelivered, markRead, messageStatus, sendMessage } from "./index.ts";

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let echo: TestCore;

beforeAll(async () => {
  database = await createTestDatabase();
  echo = await createTestCore(database.url);
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function groupOf(type: "group" | "channel" = "group") {
  const { core } = echo;
  const { ada, bob, cleo, dan } = await echo.people("ada", "bob", "cleo", "dan");
  const memberIds = [bob.userId, cleo.userId];
  const { id: conversationId } = await createConversation(core, ada, { type, memberIds });
  const statesOf = async (messageId: string, who: Actor = ada) => {
    const { recipients } = await messageStatus(core, who, { messageId });
    return Object.fromEntries(recipients.map(({ userId, state }) => [userId, state]));
  };
  return { core, ada, bob, cleo, dan, conversationId, statesOf };
}

test("recipients are those whose span covers the message, without its sender; who left since stays on the list", async () => {
  const { core, ada, bob, cleo, dan, conversationId, statesOf } = await groupOf();
  const first = await sendMessage(core, ada, textTo(conversationId, "1"));
  await addMembers(core, ada, { conversationId, userIds: [dan.userId] });
  await markRead(core, bob, { conversationId, seq: 1 });
  await removeMember(core, ada, { conversationId, userId: bob.userId });
  const second = await sendMessage(core, dan, textTo(conversationId, "2"));
  await markDelivered(core, cleo, { conversationId, seq: 2 });

  expect(await statesOf(first.id)).toEqual({ [bob.userId]: "read", [cleo.userId]: "delivered" });
  expect(await statesOf(second.id)).toEqual({ [ada.userId]: "sent", [cleo.userId]: "delivered" });
  expect(await statesOf(first.id, dan)).toEqual(await statesOf(first.id, bob));
});

test("deliveredAt is the first acknowledgement, whichever kind it was, and later ones do not change it", async () => {
  const { core, ada, bob, cleo, conversationId } = await groupOf();
  const { id: messageId } = await sendMessage(core, ada, textTo(conversationId, "1"));
  const statusOf = async ({ userId }: Actor) =>
    (await messageStatus(core, ada, { messageId })).recipients.find((recipient) => recipient.userId === userId);
  expect(await statusOf(bob)).toEqual({ userId: bob.userId, state: "sent", deliveredAt: null, readAt: null });

  await markDelivered(core, bob, { conversationId, seq: 1 });
  const delivered = await statusOf(bob);
  await sendMessage(core, ada, textTo(conversationId, "2"));
  await markDelivered(core, bob, { conversationId, seq: 2 });
  expect(await statusOf(bob)).toEqual(delivered);
  expect(delivered).toMatchObject({ state: "delivered", readAt: null });

  await markRead(core, bob, { conversationId, seq: 2 });
  const read = await statusOf(bob);
  expect(read).toMatchObject({ state: "read", deliveredAt: delivered?.deliveredAt });
  expect(Date.parse(read?.readAt ?? "")).toBeGreaterThanOrEqual(Date.parse(read?.deliveredAt ?? ""));

  await markRead(core, cleo, { conversationId, seq: 2 });
  const atOnce = await statusOf(cleo);
  expect(atOnce?.deliveredAt).toBe(atOnce?.readAt);
});

test("a channel keeps no receipts: BAD_REQUEST", async () => {
  const { core, ada, conversationId } = await groupOf("channel");
  const { id: messageId } = await sendMessage(core, ada, textTo(conversationId, "1"));

  expect(await refusalOf(messageStatus(core, ada, { messageId }))).toMatchObject({ code: "BAD_REQUEST" });
});
