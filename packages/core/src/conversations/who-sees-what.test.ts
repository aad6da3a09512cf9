import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Core } from "../core.ts";
import { addMembers, leaveConversation, listMembers, removeMember } from "../membership/index.ts";
import {
  getMessage,
  listMessages,
  markDelivered,
  markRead,
  messageStatus,
  sendMessage,
  setTyping,
} from "../messages/index.ts";
import { createTestCore, eventsOf, refusalOf, type TestCore, textTo } from "../test-core.ts";
import { createConversation, getConversation } from "./index.ts";

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

/** Where a call goes: a conversation and a message in it, real or not. */
interface Place {
  conversationId: string;
  messageId: string;
}

type Call = (core: Core, who: Actor, place: Place) => Promise<unknown>;

const reads: Record<string, Call> = {
  "conversations.get": getConversation,
  "conversations.members.list": (core, who, { conversationId }) =>
    listMembers(core, who, { conversationId, limit: 50 }),
  "messages.list": (core, who, { conversationId }) => listMessages(core, who, { conversationId, limit: 50 }),
  "messages.get": getMessage,
  "messages.status": messageStatus,
};

const writes: Record<string, Call> = {
  "conversations.members.add": (core, who, { conversationId }) =>
    addMembers(core, who, { conversationId, userIds: [who.userId, core.ids.uuid()] }),
  "conversations.members.remove": (core, who, { conversationId }) =>
    removeMember(core, who, { conversationId, userId: core.ids.uuid() }),
  "messages.send": (core, who, { conversationId }) => sendMessage(core, who, textTo(conversationId, "hi")),
  "messages.send as a reply": (core, who, { conversationId, messageId }) =>
    sendMessage(core, who, textTo(conversationId, "hi", { replyToId: messageId })),
  "messages.markRead": (core, who, { conversationId }) => markRead(core, who, { conversationId, seq: 99 }),
  "messages.markDelivered": (core, who, { conversationId }) => markDelivered(core, who, { conversationId, seq: 1 }),
  "messages.typing": (core, who, { conversationId }) => setTyping(core, who, { conversationId, activity: "typing" }),
};

const leave: Call = (core, who, { conversationId }) => leaveConversation(core, who, { conversationId });

async function placeIn(type: "direct" | "group" | "channel") {
  const { core } = echo;
  const { ada, bob, eve } = await echo.people("ada", "bob", "eve");
  const { id: conversationId } = await createConversation(core, ada, { type, memberIds: [bob.userId] });
  const { id: messageId } = await sendMessage(core, ada, textTo(conversationId, "hello"));
  const nowhere = () => ({ conversationId: core.ids.uuid(), messageId: core.ids.uuid() });
  return { core, ada, bob, eve, place: { conversationId, messageId }, nowhere };
}

describe("to a stranger a conversation does not exist", () => {
  test.each(Object.entries({ ...reads, ...writes, "conversations.leave": leave }))(
    "%s answers word for word as for an unknown id",
    async (_name, call) => {
      for (const type of ["direct", "group", "channel"] as const) {
        const { core, eve, place, nowhere } = await placeIn(type);
        const before = await eventsOf(core, place.conversationId);

        const unknown = await refusalOf(call(core, eve, nowhere()));

        expect(unknown).toMatchObject({ code: "NOT_FOUND" });
        expect(await refusalOf(call(core, eve, place))).toEqual(unknown);
        expect(await eventsOf(core, place.conversationId)).toEqual(before);
      }
    },
  );
});

describe("a former member", () => {
  test.each(Object.entries(writes))("%s is FORBIDDEN", async (_name, call) => {
    const { core, ada, bob, place } = await placeIn("group");
    await removeMember(core, ada, { conversationId: place.conversationId, userId: bob.userId });
    const before = await eventsOf(core, place.conversationId);

    expect(await refusalOf(call(core, bob, place))).toMatchObject({ code: "FORBIDDEN" });
    expect(await eventsOf(core, place.conversationId)).toEqual(before);
  });

  test.each(Object.entries({ ...reads, "conversations.leave": leave }))("%s is answered", async (_name, call) => {
    const { core, ada, bob, place } = await placeIn("group");
    await removeMember(core, ada, { conversationId: place.conversationId, userId: bob.userId });

    expect(await refusalOf(call(core, bob, place))).toBeNull();
  });

  test("learns nothing of what came after", async () => {
    const { core, ada, bob, eve, place } = await placeIn("group");
    const { conversationId } = place;
    await removeMember(core, ada, { conversationId, userId: bob.userId });
    await addMembers(core, ada, { conversationId, userIds: [eve.userId] });
    const late = await sendMessage(core, eve, textTo(conversationId, "the late secret"));

    const answers = await Promise.all(Object.values(reads).map((call) => call(core, bob, place)));

    const told = JSON.stringify(answers);
    for (const secret of ["the late secret", late.id, eve.userId]) expect(told).not.toContain(secret);
  });
});
