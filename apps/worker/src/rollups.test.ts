import { setTimeout as wait } from "node:timers/promises";
import { openQueueOperations } from "@echo/core";
import { getDay } from "@echo/core/analytics";
import { statement } from "@echo/db";
import { type AppProcess, type Echo, startEcho, startTestProcess } from "@echo/testing";
import { expect, test, vi } from "vitest";

const patience = { timeout: 20_000, interval: 50 };

const ofTheLog = statement<{ messages: number; activeSenders: number; newUsers: number; newConversations: number }>(
  "test_of_the_log",
  `SELECT count(*) FILTER (WHERE type = 'message.created') AS messages,
     count(DISTINCT actor_id) FILTER (WHERE type = 'message.created') AS "activeSenders",
     count(*) FILTER (WHERE type = 'user.registered') AS "newUsers",
     count(*) FILTER (WHERE type = 'conversation.created') AS "newConversations"
   FROM messages.event_log`,
);

/** What the log says, once the rollups have caught up with it. */
async function expectTotalsOfTheLog({ core }: Echo): Promise<void> {
  await core.events.appendNow();
  const [expected] = await core.db.query(ofTheLog);
  const state = async () => (await openQueueOperations(core).groups()).find(({ group }) => group === "rollups");
  await vi.waitFor(async () => expect(await state()).toMatchObject({ events: 0, rewindTo: null }), patience);
  expect(expected?.messages).toBeGreaterThan(0);
  // A day that ended meanwhile is not this test's matter: everything happened within seconds.
  const { day, hours } = await getDay(core, core.clock.now());
  expect(day).toEqual(expected);
  expect(hours.reduce((sum, { messages }) => sum + messages, 0)).toBe(day.messages);
}

/** A worker that is killed at a random moment, again and again, and started anew. */
async function killAgainAndAgain(databaseUrl: string, kills: number): Promise<void> {
  for (let n = 0; n < kills; n += 1) {
    const worker = await startTestProcess("worker", databaseUrl);
    await wait(Math.random() * 400);
    await worker.end("SIGKILL");
  }
}

async function startOne(databaseUrl: string): Promise<AppProcess & AsyncDisposable> {
  const worker = await startTestProcess("worker", databaseUrl);
  return { ...worker, [Symbol.asyncDispose]: () => worker.end("SIGTERM").then(() => undefined) };
}

/** People who talk until they are told to stop. */
async function keepTalking(echo: Echo): Promise<AsyncDisposable> {
  const { conversationId } = await echo.conversationOf("ada", "bob", "eve");
  let isOver = false;
  const talking = ["ada", "bob", "eve"].map(async (name) => {
    for (let n = 0; !isOver; n += 1) {
      const message = { conversationId, clientMessageId: `${n}`, type: "text" as const, content: { text: `${n}` } };
      await echo.as(name).messages.send.mutate(message);
      await wait(5);
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await Promise.all(talking);
    },
  };
}

/** As an older version would leave them behind that counted too much, too little, and in another hour. */
const spoilt = [
  "UPDATE analytics.hourly_counts SET hour = hour - interval '1 day' WHERE metric = 'messages'",
  "UPDATE analytics.hourly_counts SET count = count + 7 WHERE metric = 'newUsers'",
  "DELETE FROM analytics.hourly_senders",
].map((text) => statement<never>("", text));

test("totals are those of the log, however often workers are killed, and a rewind makes them so", {
  timeout: 120_000,
}, async () => {
  await using echo = await startEcho();
  {
    await using _talk = await keepTalking(echo);
    await Promise.all([killAgainAndAgain(echo.databaseUrl, 5), killAgainAndAgain(echo.databaseUrl, 5)]);
  }
  await using _one = await startOne(echo.databaseUrl);
  await using _two = await startOne(echo.databaseUrl);
  await expectTotalsOfTheLog(echo);

  for (const change of spoilt) await echo.core.db.query(change);
  const { position } = await echo.core.events.head();
  await openQueueOperations(echo.core).rewind("rollups", Math.floor(position / 3));
  await expectTotalsOfTheLog(echo);
  const yesterday = new Date(echo.core.clock.now().getTime() - 86_400_000);
  expect((await getDay(echo.core, yesterday)).hours).toEqual([]);
});
