import { createManualClock } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { countEvents, rollupTopics } from "../analytics/index.ts";
import type { Core } from "../core.ts";
import { openQueue } from "../open-queue.ts";
import { getOverview } from "./index.ts";

const hourMs = 3_600_000;

test("the overview shows what was sent and acknowledged in the last minute, once per recipient", async () => {
  await using echo = await startEcho({ config: {} });
  const { conversationId } = await echo.conversationOf("ada", "bob", "eve");
  const send = (name: string, index: number) =>
    echo.as(name).messages.send.mutate({
      conversationId,
      clientMessageId: `${name}-${index}`,
      type: "text",
      content: { text: "hello" },
    });
  for (let index = 0; index < 3; index += 1) await send("ada", index);
  await send("bob", 0);
  // Bob: three of Ada's, not his own; first the one, then the others. Eve: one of Ada's.
  await echo.as("bob").messages.markDelivered.mutate({ conversationId, seq: 1 });
  await echo.as("bob").messages.markRead.mutate({ conversationId, seq: 4 });
  await echo.as("eve").messages.markDelivered.mutate({ conversationId, seq: 1 });

  const overview = await getOverview(echo.core);

  expect(overview.lastMinute).toEqual({ sends: 4, deliveries: 4 });
  expect(overview.users).toEqual({ total: 3, newLastDay: 3 });
  expect(overview.log.position).toBeGreaterThanOrEqual(4);
});

test("what was acknowledged before the minute is not counted again, and what is older not at all", async () => {
  await using echo = await startEcho({ config: {} });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const send = (index: number) =>
    echo.as("ada").messages.send.mutate({
      conversationId,
      clientMessageId: String(index),
      type: "text",
      content: { text: "hello" },
    });
  for (let index = 0; index < 3; index += 1) await send(index);
  await echo.as("bob").messages.markDelivered.mutate({ conversationId, seq: 3 });
  await echo.db.prisma.$executeRawUnsafe("UPDATE messages.delivery_status SET at = now() - interval '2 minutes'");
  await echo.db.prisma.$executeRawUnsafe("UPDATE messages.messages SET created_at = now() - interval '2 minutes'");
  await send(3);
  await echo.as("bob").messages.markRead.mutate({ conversationId, seq: 4 });

  const overview = await getOverview(echo.core);

  expect(overview.lastMinute).toEqual({ sends: 1, deliveries: 1 });
});

/** What a worker does, until everything is handled. */
async function countAll(core: Core): Promise<void> {
  await core.events.appendNow();
  const queue = openQueue(core, null);
  const consumer = queue.consume({ group: "rollups", topics: rollupTopics, handle: countEvents });
  await vi.waitFor(async () => expect(await queue.groups()).toMatchObject([{ events: 0 }]), { timeout: 10_000 });
  await consumer.stop();
}

test("messages and their senders are counted by whole hours UTC, the empty ones as nothing, for 24 of them", async () => {
  await using echo = await startEcho({ config: {} });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  for (const [index, name] of ["ada", "ada", "ada", "bob", "ada"].entries()) {
    await echo.as(name).messages.send.mutate({
      conversationId,
      clientMessageId: String(index),
      type: "text",
      content: { text: "hello" },
    });
  }
  const clock = createManualClock(new Date("2026-03-14T15:09:26Z"));
  const thisHour = Date.parse("2026-03-14T15:00:00Z");
  await echo.core.events.appendNow();
  const move = (nth: number, at: number) =>
    echo.db.prisma.$executeRawUnsafe(
      `UPDATE messages.event_log SET created_at = '${new Date(at).toISOString()}' WHERE position =
        (SELECT position FROM messages.event_log WHERE type = 'message.created' ORDER BY position LIMIT 1 OFFSET ${nth})`,
    );
  await move(0, thisHour - 23 * hourMs - 1);
  await move(1, thisHour - 23 * hourMs);
  await move(2, thisHour - 1);
  await move(3, thisHour);
  await move(4, thisHour);
  await countAll(echo.core);

  const { hours, consumers, at } = await getOverview({ ...echo.core, clock });

  expect(at).toBe("2026-03-14T15:09:26.000Z");
  expect(hours).toEqual(
    Array.from({ length: 24 }, (_, n) => ({
      startsAt: new Date(thisHour - (23 - n) * hourMs).toISOString(),
      messages: { 0: 1, 22: 1, 23: 2 }[n] ?? 0,
      activeSenders: { 0: 1, 22: 1, 23: 2 }[n] ?? 0,
    })),
  );
  expect(consumers).toEqual([{ group: "rollups", behind: { events: 0, seconds: 0 }, deadLetters: 0 }]);
});

test("who joins later has acknowledged nothing of what was before", async () => {
  await using echo = await startEcho({ config: {} });
  const { conversationId } = await echo.conversationOf("ada", "bob", "eve");
  const send = (index: number) =>
    echo.as("ada").messages.send.mutate({
      conversationId,
      clientMessageId: String(index),
      type: "text",
      content: { text: "hello" },
    });
  for (let index = 0; index < 3; index += 1) await send(index);
  const { userId } = await echo.user("dan");
  await echo.as("ada").conversations.members.add.mutate({ conversationId, userIds: [userId] });
  await send(3);
  await echo.as("dan").messages.markRead.mutate({ conversationId, seq: 4 });

  expect((await getOverview(echo.core)).lastMinute).toEqual({ sends: 4, deliveries: 1 });
});

test("consoles share a reading for a moment, and none that failed", async () => {
  await using echo = await startEcho({ config: {} });
  const clock = createManualClock();
  let isLogAway = true;
  const events = {
    ...echo.core.events,
    head: () => (isLogAway ? Promise.reject(new Error("the log is away")) : echo.core.events.head()),
  };
  const core = { ...echo.core, clock, events };

  await expect(getOverview(core)).rejects.toThrow("the log is away");
  isLogAway = false;
  const first = getOverview(core);
  expect(getOverview(core)).toBe(first);
  const overview = await first;
  clock.advance(1_999);
  expect(await getOverview(core)).toBe(overview);
  clock.advance(1);
  const second = getOverview(core);
  expect(second).not.toBe(first);

  // It takes half a second: nobody reads again for nine times as long.
  clock.advance(500);
  await second;
  clock.advance(4_499);
  expect(getOverview(core)).toBe(second);
  clock.advance(1);
  expect(getOverview(core)).not.toBe(second);
});
