import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import { leaveConversation } from "../membership/index.ts";
import { ConversationSignal, conversationChannel } from "../signals.ts";
import { createTestCore, refusalOf, type TestCore } from "../test-core.ts";
import { setTyping, stopTyping } from "./index.ts";

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

async function typingIn(type: "group" | "channel" = "group") {
  const { core } = echo;
  const { ada, bob } = await echo.people("ada", "bob");
  const { id: conversationId } = await createConversation(core, ada, { type, memberIds: [bob.userId] });
  const heard: { userId: string; activity: string; exceptUserId: string | null }[] = [];
  const subscription = await core.bus.subscribe(conversationChannel(conversationId), (payload) => {
    const { event, exceptUserId } = ConversationSignal.parse(payload);
    if (event.type === "typing.updated")
      heard.push({ userId: event.data.userId, activity: event.data.activity, exceptUserId });
  });
  const activities = () => heard.map(({ activity }) => activity);
  const hears = (...expected: string[]) => expect.poll(activities, { timeout: 5_000 }).toEqual(expected);
  return { core, ada, bob, conversationId, heard, hears, [Symbol.asyncDispose]: () => subscription.unsubscribe() };
}

test("every call is told, to all but the typist: the hubs keep the time", async () => {
  await using room = await typingIn();
  const { core, bob, conversationId, heard, hears } = room;

  await setTyping(core, bob, { conversationId, activity: "typing" });
  await setTyping(core, bob, { conversationId, activity: "typing" });
  await setTyping(core, bob, { conversationId, activity: "recording" });
  await setTyping(core, bob, { conversationId, activity: "none" });

  await hears("typing", "typing", "recording", "none");
  for (const { userId, exceptUserId } of heard) expect([userId, exceptUserId]).toEqual([bob.userId, bob.userId]);
});

test("it ends with a disconnect of the device that typed, once, and of no other", async () => {
  await using room = await typingIn();
  const { core, bob, conversationId, hears } = room;

  await setTyping(core, bob, { conversationId, activity: "typing" });
  await stopTyping(core, echo.otherDevice(bob));
  await stopTyping(core, bob);
  await stopTyping(core, bob);

  await hears("typing", "none");
});

test("who may not send may not type", async () => {
  await using channel = await typingIn("channel");
  await using group = await typingIn("group");
  await leaveConversation(group.core, group.bob, group);

  for (const { core, bob, conversationId } of [channel, group])
    expect(await refusalOf(setTyping(core, bob, { conversationId, activity: "typing" }))).toMatchObject({
      code: "FORBIDDEN",
    });
  await setTyping(channel.core, channel.ada, { conversationId: channel.conversationId, activity: "typing" });
  await channel.hears("typing");

  expect(group.heard).toEqual([]);
});
