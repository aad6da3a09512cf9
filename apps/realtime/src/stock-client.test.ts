import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { connectStock } from "./stock-client.ts";
import { positionOf, say } from "./test-kit.ts";

test("a subscription starts with connection.ack, then gives what happens, each event with its cursor as id", async () => {
  await using echo = await startEcho();
  await using ada = await connectStock(echo, "ada");
  const subscription = ada.subscribe();
  await vi.waitFor(() => expect(subscription.events).toHaveLength(1));

  const { conversationId } = await echo.conversationOf("ada", "bob");
  const sent = await say(echo.core, await echo.user("bob"), [conversationId, "hello"]);
  await vi.waitFor(() => expect(subscription.texts()).toEqual(["hello"]));

  expect(subscription.states).toEqual(["started"]);
  const [ack, added, message] = subscription.events;
  expect(ack?.event).toMatchObject({ type: "connection.ack", data: { heartbeatMs: 45_000, cursor: ack?.place } });
  expect(added?.event).toMatchObject({ type: "conversation.added", id: added?.place, data: { conversationId } });
  const { reactions, ...body } = sent;
  expect(message?.event).toMatchObject({
    type: "message.created",
    id: message?.place,
    streamId: conversationId,
    data: body,
  });
});

test("it resumes by lastEventId after a durable event: what was missed arrives once and in order", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using ada = await connectStock(echo, "ada");
  const subscription = ada.subscribe();
  await vi.waitFor(() => expect(subscription.acks()).toBe(1));
  await say(echo.core, await echo.user("bob"), [conversationId, "1"]);
  await vi.waitFor(() => expect(subscription.texts()).toEqual(["1"]));

  ada.cut();
  for (const text of ["2", "3", "4"]) await say(echo.core, await echo.user("bob"), [conversationId, text]);
  await vi.waitFor(() => expect(subscription.texts()).toHaveLength(4));
  await say(echo.core, await echo.user("bob"), [conversationId, "5"]);
  await vi.waitFor(() => expect(subscription.texts()).toHaveLength(5));

  expect(subscription.texts()).toEqual(["1", "2", "3", "4", "5"]);
  const acks = subscription.events.filter(({ event }) => event.type === "connection.ack");
  expect(acks[1]).toMatchObject({
    place: subscription.events[1]?.place,
    event: { data: { cursor: subscription.events[1]?.place } },
  });
});

test("it resumes by lastEventId after an ephemeral event, whose frame carries the place too", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using ada = await connectStock(echo, "ada");
  const subscription = ada.subscribe();
  await vi.waitFor(() => expect(subscription.acks()).toBe(1));
  await say(echo.core, await echo.user("bob"), [conversationId, "1"]);
  await vi.waitFor(() => expect(subscription.texts()).toEqual(["1"]));
  await echo.as("bob").messages.typing.mutate({ conversationId, activity: "typing" });
  await vi.waitFor(() => expect(subscription.types()).toContain("typing.updated"));

  ada.cut();
  await say(echo.core, await echo.user("bob"), [conversationId, "2"]);
  await vi.waitFor(() => expect(subscription.texts()).toEqual(["1", "2"]));

  const places = subscription.events.map(({ place }) => positionOf(place));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("a cut in the middle of a backfill loses and doubles nothing", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using first = await connectStock(echo, "ada");
  const before = first.subscribe();
  await vi.waitFor(() => expect(before.acks()).toBe(1));
  const cursor = before.events[0]?.place ?? "";
  const texts = Array.from({ length: 400 }, (_, n) => String(n));
  for (const text of texts) await say(echo.core, await echo.user("bob"), [conversationId, text]);

  await using ada = await connectStock(echo, "ada");
  const subscription = ada.subscribe({ cursor });
  for (const cutAt of [10, 100, 150, 300]) {
    await vi.waitUntil(() => subscription.texts().length > cutAt, { interval: 0 });
    ada.cut();
  }
  await vi.waitFor(() => expect(subscription.texts().length).toBeGreaterThanOrEqual(400));

  expect(subscription.texts()).toEqual(texts);
  expect(ada.sockets.length).toBeGreaterThan(2);
});

test("12 calls and 12 subscriptions of one tick are all served, and all resume after a cut", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using ada = await connectStock(echo, "ada");

  const calls = Array.from({ length: 12 }, () => ada.client.ping.query());
  const subscriptions = Array.from({ length: 12 }, () => ada.subscribe());
  await Promise.all(calls);
  await vi.waitFor(() => expect(subscriptions.every(({ acks }) => acks() === 1)).toBe(true));
  await say(echo.core, await echo.user("bob"), [conversationId, "1"]);
  await vi.waitFor(() => expect(subscriptions.map(({ texts }) => texts())).toEqual(subscriptions.map(() => ["1"])));

  ada.cut();
  await say(echo.core, await echo.user("bob"), [conversationId, "2"]);
  await vi.waitFor(() =>
    expect(subscriptions.map(({ texts }) => texts())).toEqual(subscriptions.map(() => ["1", "2"])),
  );

  expect(
    Math.max(...ada.sent.map((text) => (text.startsWith("[") ? JSON.parse(text).length : 1))),
  ).toBeGreaterThanOrEqual(12);
});

test("stop ends one subscription and leaves the socket and the others", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using ada = await connectStock(echo, "ada");
  const stopped = ada.subscribe();
  const going = ada.subscribe();
  await vi.waitFor(() => expect([stopped.acks(), going.acks()]).toEqual([1, 1]));

  stopped.unsubscribe();
  await ada.client.ping.query();
  await say(echo.core, await echo.user("bob"), [conversationId, "1"]);
  await vi.waitFor(() => expect(going.texts()).toEqual(["1"]));

  expect(stopped.texts()).toEqual([]);
  expect(ada.sockets).toHaveLength(1);
});

test("errors reach the call that made them, with the contract's data", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using ada = await connectStock(echo, "ada");

  await expect(ada.client.messages.markRead.mutate({ conversationId, seq: 99 })).rejects.toMatchObject({
    message: expect.any(String),
    data: { code: "BAD_REQUEST", message: expect.any(String), requestId: expect.any(String) },
  });
  const subscription = ada.subscribe({ cursor: "nonsense" });
  await vi.waitFor(() => expect(subscription.errors).toMatchObject([{ data: { code: "BAD_REQUEST" } }]));
  expect(await ada.client.ping.query()).toEqual({ serverTime: expect.stringMatching(/Z$/) });
});

test("a token is renewed by one of the same session, and by no other", async () => {
  await using echo = await startEcho();
  await using ada = await connectStock(echo, "ada");
  const { accessToken } = await echo.user("ada");
  const eve = await echo.user("eve");

  expect(await ada.client.auth.renew.mutate({ token: accessToken })).toEqual({
    expiresAt: expect.stringMatching(/Z$/),
  });
  await expect(ada.client.auth.renew.mutate({ token: eve.accessToken })).rejects.toMatchObject({
    data: { code: "FORBIDDEN" },
  });
  await expect(ada.client.auth.renew.mutate({ token: "garbage" })).rejects.toMatchObject({
    data: { code: "UNAUTHORIZED" },
  });
  await expect(ada.client.auth.renew.mutate({ token: "" })).rejects.toMatchObject({ data: { code: "BAD_REQUEST" } });
  expect(ada.sockets).toHaveLength(1);
});
