import { type Echo, refusal, startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { apiDefaults } from "../config.ts";

const send = (echo: Echo, conversationId: string) =>
  echo.as("ada").messages.send.mutate({
    conversationId,
    clientMessageId: crypto.randomUUID(),
    type: "text",
    content: { text: "hello" },
  });

test("without a cursor it answers where the log is, with it what came since", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { sync } = echo.as("bob").conversations;
  const start = await sync.query();
  expect(start).toEqual({ events: [], cursor: expect.stringMatching(/^.+\.\d+$/) });

  const message = await send(echo, conversationId);
  const answer = await sync.query({ cursor: start.cursor, waitMs: 5_000 });

  expect(answer).toMatchObject({ events: [{ type: "message.created", data: { id: message.id, seq: 1 } }] });
  expect(await sync.query({ cursor: answer.cursor })).toEqual({ events: [], cursor: answer.cursor });
});

test("a long poll is answered by the first event", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { sync } = echo.as("bob").conversations;
  const { cursor } = await sync.query();

  const [answer] = await Promise.all([sync.query({ cursor, waitMs: 25_000 }), send(echo, conversationId)]);

  expect(answer).toMatchObject({ events: [{ type: "message.created" }] });
});

test("a long poll outlives the time in which headers must have arrived, and the longest one that of a request", async () => {
  expect(apiDefaults.timeouts.requestMs).toBeGreaterThan(25_000);
  const timeouts = { headersMs: 200, requestMs: 3_000 };
  await using echo = await startEcho({ config: { api: { timeouts } } });
  const { sync } = echo.as("bob").conversations;
  const { cursor } = await sync.query();

  const answer = await sync.query({ cursor, waitMs: 1_900 });

  expect(answer).toEqual({ events: [], cursor });
});

test("a long poll ends with its client: nobody listens to the log for one that went", async () => {
  await using echo = await startEcho({ nodes: 1 });
  const { sync } = echo.as("bob").conversations;
  const { cursor } = await sync.query();
  const leaving = new AbortController();
  const listening = countListeners(echo);
  const poll = sync.query({ cursor, waitMs: 25_000 }, { signal: leaving.signal }).catch((error: unknown) => error);
  await expect.poll(() => listening.now()).toBe(1);

  leaving.abort();

  expect(await poll).toBeInstanceOf(Error);
  await expect.poll(() => listening.now()).toBe(0);
});

/** Counts who waits on the log from now on. */
function countListeners({ core }: Echo): { now(): number } {
  const { onAdvance } = core.events;
  let count = 0;
  core.events.onAdvance = (listener) => {
    const stop = onAdvance.call(core.events, listener);
    count += 1;
    return () => {
      count -= 1;
      stop();
    };
  };
  return { now: () => count };
}

test("a stop answers long polls instead of waiting for them", async () => {
  const echo = await startEcho({ nodes: 1 });
  const { sync } = echo.as("bob").conversations;
  const { cursor } = await sync.query();
  const listening = countListeners(echo);
  const poll = sync.query({ cursor, waitMs: 25_000 });
  await expect.poll(() => listening.now()).toBe(1);
  const startedMs = performance.now();

  await echo[Symbol.asyncDispose]();

  expect(await poll).toEqual({ events: [], cursor });
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

test.each([{ cursor: "garbage" }, { waitMs: -1 }, { waitMs: 25_001 }])("%o is BAD_REQUEST", async (input) => {
  await using echo = await startEcho();

  await expect(echo.as("ada").conversations.sync.query(input)).rejects.toEqual(refusal("BAD_REQUEST"));
});

test("a cursor of another database is answered by a reset and a cursor to go on from", async () => {
  await using echo = await startEcho();
  const { cursor } = await echo.as("ada").conversations.sync.query();

  const answer = await echo.as("ada").conversations.sync.query({ cursor: `${crypto.randomUUID()}.5` });

  expect(answer).toEqual({ reset: true, cursor });
});
