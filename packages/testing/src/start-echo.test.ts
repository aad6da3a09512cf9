import { expect, test } from "vitest";
import { startEcho } from "./start-echo.ts";

test("a person exists once it is named, and is the same one for the whole test", async () => {
  await using echo = await startEcho();

  const [first, again, bob] = await Promise.all([echo.user("ada"), echo.user("ada"), echo.user("bob")]);

  expect(again).toEqual(first);
  expect(bob.userId).not.toBe(first.userId);
  expect(await echo.as("ada").auth.me.query()).toMatchObject({ userId: first.userId, email: first.email });
});

test("tests without options share their servers and no person", async () => {
  await using one = await startEcho();
  await using two = await startEcho();

  expect(two.apiUrl).toBe(one.apiUrl);
  expect((await two.user("ada")).userId).not.toBe((await one.user("ada")).userId);
});

test("a test with options has its own database, and as many nodes as it wants over it", async () => {
  await using shared = await startEcho();
  const own = await startEcho({ nodes: 2 });
  const { conversationId } = await own.conversationOf("ada", "bob");

  const { id } = await own.as("bob", 1).conversations.get.query({ conversationId });

  expect(id).toBe(conversationId);
  expect(new Set([shared.apiUrl, ...own.nodes.map(({ api }) => api.url)]).size).toBe(3);
  await own[Symbol.asyncDispose]();
  await expect(fetch(`${own.apiUrl}/health`)).rejects.toThrow("fetch failed");
  expect((await fetch(`${shared.apiUrl}/health`)).status).toBe(200);
});

test("a client of the hub hears what a client of the API does", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const heard: string[] = [];
  const subscription = echo
    .realtimeAs("bob")
    .events.subscribe.subscribe({}, { onData: ({ data }) => void heard.push(data.type) });
  await expect.poll(() => heard).toContain("connection.ack");

  const content = { text: "hello" };
  await echo.as("ada").messages.send.mutate({ conversationId, clientMessageId: "1", type: "text", content });

  await expect.poll(() => heard).toContain("message.created");
  subscription.unsubscribe();
});

test("the SDK of a person hears it too", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const heard: unknown[] = [];
  const bob = echo.sdk("bob");
  bob.on("message.created", ({ data }) => void heard.push(data.content));
  await bob.connect();

  await echo.sdk("ada").send({ conversationId, type: "text", content: { text: "hello" } });

  await expect.poll(() => heard).toEqual([{ text: "hello" }]);
});
