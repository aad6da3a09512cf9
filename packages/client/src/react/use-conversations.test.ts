import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { eventually } from "../test-support/eventually.ts";
import { createFetches } from "../test-support/fetches.ts";
import { renderHook } from "../test-support/render-hook.ts";
import { createSignIn } from "../test-support/sign-in.ts";
import { useConversations } from "./use-conversations.ts";
import { useMessages } from "./use-messages.ts";

const text = (conversationId: string, words: string) => ({
  conversationId,
  type: "text" as const,
  content: { text: words },
});

test("a message moves its conversation up, is its last one, and counts as unread for who did not write it", async () => {
  await using echo = await startEcho();
  const first = await echo.conversationOf("ada", "bob");
  const second = await echo.conversationOf("ada", "cleo");
  const signIn = createSignIn(echo, testPassword);
  using ada = await signIn("ada");
  using bob = await signIn("bob");
  using list = await renderHook(ada, useConversations);
  const ids = () => list.current.conversations.map(({ id }) => id);
  await eventually(() => expect(ids()).toEqual([second.id, first.id]));

  await bob.send(text(first.id, "hi"));
  await eventually(() => expect(ids()).toEqual([first.id, second.id]));
  expect(list.current.conversations[0]).toMatchObject({
    lastMessage: { content: { text: "hi" } },
    mine: { unread: 1 },
  });
  await ada.send(text(second.id, "hello"));

  await eventually(() => expect(ids()).toEqual([second.id, first.id]));
  expect(list.current.conversations.map(({ mine }) => mine.unread)).toEqual([0, 1]);
});

test("what is read on one device is unread on none", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  using phone = await signIn("ada");
  using tablet = await signIn("ada");
  using bob = await signIn("bob");
  using onPhone = await renderHook(phone, () => ({ list: useConversations(), talk: useMessages(conversationId) }));
  using onTablet = await renderHook(tablet, useConversations);
  const unread = () => [onPhone.current.list, onTablet.current].map(({ conversations: [each] }) => each?.mine.unread);
  await eventually(() => expect(unread()).toEqual([0, 0]));

  for (const words of ["one", "two", "three"]) await bob.send(text(conversationId, words));
  await eventually(() => expect(unread()).toEqual([3, 3]));
  await eventually(() => expect(onPhone.current.talk.messages).toHaveLength(3));
  onPhone.current.talk.markRead(2);
  await eventually(() => expect(unread()).toEqual([1, 1]));
  onPhone.current.talk.markRead();

  await eventually(() => expect(unread()).toEqual([0, 0]));
});

test("what is read without a connection is told once there is one", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using ada = await createSignIn(echo, testPassword)("ada");
  using bob = await createSignIn(echo, testPassword)("bob");
  await bob.send(text(conversationId, "hi"));
  using seen = await renderHook(ada, () => ({ list: useConversations(), talk: useMessages(conversationId) }));
  await eventually(() => expect(seen.current.talk.messages).toHaveLength(1));
  await eventually(() => expect(seen.current.list.conversations[0]?.mine.unread).toBe(1));

  ada.disconnect();
  seen.current.talk.markRead();
  await eventually(() => expect(seen.current.list.conversations[0]?.mine.unread).toBe(0));
  await ada.connect();

  await eventually(async () => {
    const { mine } = await echo.as("ada").conversations.get.query({ conversationId });
    expect(mine.unread).toBe(0);
  });
});

test("a conversation appears when one is added to it, and is gone when one is removed", async () => {
  await using echo = await startEcho();
  using bob = await createSignIn(echo, testPassword)("bob");
  using list = await renderHook(bob, useConversations);
  await eventually(() => expect(list.current).toMatchObject({ status: "ready", conversations: [] }));

  const { conversationId } = await echo.conversationOf("ada", "bob", "cleo");
  await eventually(() => expect(list.current.conversations).toMatchObject([{ id: conversationId, memberCount: 3 }]));
  const { userId } = await echo.user("dan");
  await echo.as("ada").conversations.members.add.mutate({ conversationId, userIds: [userId] });
  await eventually(() => expect(list.current.conversations).toMatchObject([{ memberCount: 4 }]));
  await echo.as("ada").conversations.members.remove.mutate({ conversationId, userId: (await echo.user("bob")).userId });

  await eventually(() => expect(list.current.conversations).toEqual([]));
});

test("an answer that is on its way does not bring back a conversation that one was taken out of", async () => {
  await using echo = await startEcho();
  const { fetch, lose, of } = createFetches();
  const { conversationId } = await echo.conversationOf("ada", "bob", "cleo");
  using bob = await createSignIn(echo, testPassword)("bob", { fetch });
  using list = await renderHook(bob, useConversations);
  await eventually(() => expect(list.current.conversations).toHaveLength(1));
  const { members } = echo.as("ada").conversations;
  const [bobId, danId] = [(await echo.user("bob")).userId, (await echo.user("dan")).userId];

  lose("conversations.get", "lost request", 4);
  await members.add.mutate({ conversationId, userIds: [danId] });
  await eventually(() => expect(of("conversations.get")).not.toEqual([]));
  await members.remove.mutate({ conversationId, userId: bobId });
  await eventually(() => expect(list.current.conversations).toEqual([]));
  await eventually(() => expect(of("conversations.get").length).toBeGreaterThan(4));
  const next = await echo.conversationOf("ada", "bob", "dan");

  await eventually(() => expect(list.current.conversations.map(({ id }) => id)).toEqual([next.id]));
});

test("pages follow each other, each conversation once, and a reset loads as many again", async () => {
  await using echo = await startEcho();
  const ids: string[] = [];
  for (let n = 0; n < 60; n += 1) ids.unshift((await echo.conversationOf("ada", "bob", "cleo")).id);
  using ada = await createSignIn(echo, testPassword)("ada");
  using list = await renderHook(ada, useConversations);
  await eventually(() => expect(list.current).toMatchObject({ status: "ready", hasMore: true }));
  expect(list.current.conversations).toHaveLength(50);

  await Promise.all([list.current.loadMore(), list.current.loadMore()]);
  await eventually(() => expect(list.current.conversations.map(({ id }) => id)).toEqual(ids));
  expect(list.current).toMatchObject({ hasMore: false, isLoadingMore: false });
  ada.disconnect();
  const added = (await echo.conversationOf("ada", "bob", "cleo")).id;
  await ada.connect({ cursor: "another-epoch.1" });

  await eventually(() => expect(list.current.conversations.map(({ id }) => id)).toEqual([added, ...ids]));
  expect(list.all.slice(-3).every(({ status }) => status === "ready")).toBe(true);
});
