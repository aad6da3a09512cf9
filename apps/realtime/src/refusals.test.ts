import { createLimitPolicies } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { connectAs } from "./test-kit.ts";

test("any procedure that is not listed is NOT_FOUND, on its id, and the socket lives", async () => {
  await using echo = await startEcho();
  using client = await connectAs(echo, "ada");
  const paths = [
    "nothing",
    "messages.send",
    "presence.set",
    "",
    "events",
    "__proto__",
    "constructor",
    "events.subscribe.then",
    "auth.logout",
  ];

  for (const path of paths) client.query(path, path);
  client.query("as a query", "events.subscribe");
  client.mutate("as a mutation", "ping");

  for (const id of [...paths, "as a query", "as a mutation"]) {
    expect(await client.answer(id)).toMatchObject({ id, error: { code: -32004, data: { code: "NOT_FOUND" } } });
  }
  client.query(1, "ping");
  expect((await client.answer(1)).error).toBeUndefined();
});

test.each([
  ["wrong types", { conversationId: 7, seq: "x" }],
  ["an unknown key", { conversationId: "00000000-0000-7000-8000-000000000000", seq: 1, more: true }],
  ["nothing", undefined],
  ["a number below 0", { conversationId: "00000000-0000-7000-8000-000000000000", seq: -1 }],
])(
  "input with %s is BAD_REQUEST with a sentence, and an error has exactly the contract's shape",
  async (_what, input) => {
    await using echo = await startEcho();
    using client = await connectAs(echo, "ada");

    client.mutate(1, "messages.markRead", input);

    const { error } = await client.answer(1);
    expect(error).toEqual({
      code: -32600,
      message: error?.data.message,
      data: { code: "BAD_REQUEST", message: expect.any(String), requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  },
);

test("a conversation of others does not exist", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using eve = await connectAs(echo, "eve");

  eve.mutate(1, "messages.markRead", { conversationId, seq: 0 });
  eve.mutate(2, "messages.typing", { conversationId, activity: "typing" });

  expect(await eve.answer(1)).toMatchObject({ error: { data: { code: "NOT_FOUND" } } });
  expect(await eve.answer(2)).toMatchObject({ error: { data: { code: "NOT_FOUND" } } });
});

test.each(["x", "1.2.3", "e.", ".1", "e.-1", "e.1.5", "", "e.99999999999999999999", 7, null, { position: 1 }])(
  "the cursor %j is BAD_REQUEST on the subscription's id, and the socket lives",
  async (cursor) => {
    await using echo = await startEcho();
    using client = await connectAs(echo, "ada");

    client.send({ id: 1, method: "subscription", params: { path: "events.subscribe", input: { cursor } } });
    expect(await client.answer(1)).toMatchObject({ id: 1, error: { data: { code: "BAD_REQUEST" } } });

    client.subscribe(1);
    await client.until(() => client.eventsOf(1).length === 1);
  },
);

test("an id in use is BAD_REQUEST and the first subscription lives; once stopped it is free", async () => {
  await using echo = await startEcho();
  using client = await connectAs(echo, "ada");
  client.subscribe(1);
  await client.until(() => client.eventsOf(1).length === 1);

  client.subscribe(1);
  expect(await client.until(() => client.frames.find(({ error }) => error))).toMatchObject({
    id: 1,
    error: { data: { code: "BAD_REQUEST" } },
  });
  await echo.conversationOf("ada", "bob");
  await client.until(() => client.eventsOf(1).some(({ event }) => event.type === "conversation.added"));

  client.send({ id: 1, method: "subscription.stop" });
  await client.until(() => client.frames.some(({ result }) => result?.type === "stopped"));
  client.subscribe(1);
  await client.until(() => client.eventsOf(1).filter(({ event }) => event.type === "connection.ack").length === 2);
});

test("the 51st subscription is TOO_MANY_REQUESTS, the 50 others live", async () => {
  await using echo = await startEcho();
  using client = await connectAs(echo, "ada");

  for (let id = 1; id <= 51; id += 1) client.subscribe(id);

  expect(await client.answer(51)).toMatchObject({
    error: {
      code: -32029,
      data: { code: "TOO_MANY_REQUESTS", limiter: "subscriptions", retryAfterMs: expect.any(Number) },
    },
  });
  await echo.conversationOf("ada", "bob");
  for (let id = 1; id <= 50; id += 1) {
    await client.until(() => client.eventsOf(id).some(({ event }) => event.type === "conversation.added"));
  }
});

test("over the bucket each call is TOO_MANY_REQUESTS on its id; PING takes no token; then the bucket fills again", async () => {
  await using echo = await startEcho({
    config: { core: { limits: createLimitPolicies({ socket: { perSecond: 0.5 } }) } },
  });
  using client = await connectAs(echo, "ada");
  for (let n = 0; n < 100; n += 1) client.send("PING");
  client.send(Array.from({ length: 50 }, (_, id) => ({ id, method: "query", params: { path: "ping" } })));

  await client.until(() => client.frames.length === 50);
  const refused = client.frames.filter(({ error }) => error);
  expect(refused).toHaveLength(10);
  expect(refused[0]).toMatchObject({
    error: { data: { code: "TOO_MANY_REQUESTS", limiter: "socket", retryAfterMs: expect.any(Number) } },
  });
  expect(client.texts.filter((text) => text === "PONG")).toHaveLength(100);

  let tries = 0;
  const retry = async () => {
    tries += 1;
    const id = `later-${tries}`;
    client.query(id, "ping");
    await client.until(() => client.frames.some((frame) => frame.id === id));
    return client.frames.some((frame) => frame.id === id && frame.result);
  };
  await expect.poll(retry, { timeout: 20_000 }).toBe(true);
});

test("51 calls in one frame are refused on each of their ids, and none of them runs", async () => {
  await using echo = await startEcho();
  using client = await connectAs(echo, "ada");

  client.send(Array.from({ length: 51 }, (_, id) => ({ id, method: "query", params: { path: "ping" } })));

  await client.until(() => client.frames.length === 51);
  expect(client.frames.every(({ error }) => error?.data.code === "BAD_REQUEST")).toBe(true);
  expect(new Set(client.frames.map(({ id }) => id)).size).toBe(51);
});

test("a second connectionParams is BAD_REQUEST, and the socket lives as before", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("bob");
  using client = await connectAs(echo, "ada");

  client.send({ method: "connectionParams", data: { token: accessToken } });

  expect(await client.answer(null)).toMatchObject({ id: null, error: { data: { code: "BAD_REQUEST" } } });
  client.query(1, "ping");
  expect((await client.answer(1)).error).toBeUndefined();
});
