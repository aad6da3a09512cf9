import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addMembers, leaveConversation, removeMember } from "../membership/index.ts";
import { sendMessage } from "../messages/index.ts";
import { createTestCore, refusalOf, type TestCore, textTo } from "../test-core.ts";
import { createConversation, getConversation, listConversations } from "./index.ts";

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

test("last activity first, in pages that have each conversation once", async () => {
  const { core } = echo;
  const { ada, bob } = await echo.people("ada", "bob");
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const { id } = await createConversation(core, ada, { type: "group", title: `${i}`, memberIds: [bob.userId] });
    ids.push(id);
  }
  await sendMessage(core, bob, textTo(ids[1] ?? "", "up"));
  await sendMessage(core, bob, textTo(ids[3] ?? "", "upper"));

  const titles: (string | null)[] = [];
  let cursor: string | undefined;
  do {
    const page = await listConversations(core, ada, { limit: 2, cursor });
    titles.push(...page.items.map(({ title }) => title));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);

  expect(titles).toEqual(["3", "1", "4", "2", "0"]);
  expect(await refusalOf(listConversations(core, ada, { limit: 2, cursor: "?" }))).toMatchObject({
    code: "BAD_REQUEST",
  });
});

test("each has what messages.list and conversations.get would say, and profiles of everyone named", async () => {
  const { core } = echo;
  const { ada, bob, cleo } = await echo.people("ada", "bob", "cleo");
  const direct = await createConversation(core, ada, { type: "direct", memberIds: [bob.userId] });
  const group = await createConversation(core, bob, { type: "group", memberIds: [ada.userId, cleo.userId] });
  const sent = await sendMessage(core, cleo, textTo(group.id, "hello"));

  const { items, profiles } = await listConversations(core, ada, { limit: 50 });

  expect(items.map(({ id }) => id)).toEqual([group.id, direct.id]);
  expect(items[0]).toMatchObject({ lastMessage: sent, lastSeq: 1, mine: { role: "member", unread: 1 } });
  expect(items[1]).toMatchObject({ lastMessage: null, other: { displayName: "bob" } });
  for (const item of items) expect(await getConversation(core, ada, { conversationId: item.id })).toEqual(item);
  expect(profiles.map(({ displayName }) => displayName).sort()).toEqual(["bob", "cleo"]);
});

test("who left finds it in the list no more, but may still get it, as it was", async () => {
  const { core } = echo;
  const { ada, bob } = await echo.people("ada", "bob");
  const { id: conversationId } = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
  await sendMessage(core, ada, textTo(conversationId, "one"));
  await leaveConversation(core, bob, { conversationId });
  await sendMessage(core, ada, textTo(conversationId, "two"));

  expect((await listConversations(core, bob, { limit: 50 })).items).toEqual([]);
  expect(await getConversation(core, bob, { conversationId })).toMatchObject({
    lastSeq: 1,
    lastMessage: { content: { text: "one" } },
    mine: { unread: 1 },
  });
});

test("since_join: the last message is one that the reader may see, through joins and leaves", async () => {
  const { core } = echo;
  const { ada, bob } = await echo.people("ada", "bob");
  const input = { type: "group", historyVisibility: "since_join" } as const;
  const { id: conversationId } = await createConversation(core, ada, input);
  const last = async () => {
    const { lastMessage, lastSeq, mine } = await getConversation(core, bob, { conversationId });
    return { seq: lastMessage?.seq ?? null, lastSeq, unread: mine.unread };
  };
  const say = () => sendMessage(core, ada, textTo(conversationId, "-"));
  await say();
  await addMembers(core, ada, { conversationId, userIds: [bob.userId] });
  expect(await last()).toEqual({ seq: null, lastSeq: 1, unread: 0 });
  await say();
  expect(await last()).toEqual({ seq: 2, lastSeq: 2, unread: 1 });
  await removeMember(core, ada, { conversationId, userId: bob.userId });
  await say();
  await say();
  expect(await last()).toEqual({ seq: 2, lastSeq: 2, unread: 1 });
  await addMembers(core, ada, { conversationId, userIds: [bob.userId] });
  expect(await last()).toEqual({ seq: 2, lastSeq: 4, unread: 0 });
  await say();
  expect(await last()).toEqual({ seq: 5, lastSeq: 5, unread: 1 });
  expect((await listConversations(core, bob, { limit: 50 })).items[0]?.lastMessage?.seq).toBe(5);
});
