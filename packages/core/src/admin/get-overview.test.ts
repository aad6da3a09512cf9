import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
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

test("messages are counted by whole hours UTC, the empty ones as nothing, for 24 of them", async () => {
  await using echo = await startEcho({ config: {} });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  for (let index = 0; index < 4; index += 1) {
    await echo.as("ada").messages.send.mutate({
      conversationId,
      clientMessageId: String(index),
      type: "text",
      content: { text: "hello" },
    });
  }
  const thisHour = Math.floor(Date.now() / hourMs) * hourMs;
  const move = (seq: number, at: number) =>
    echo.db.prisma.$executeRawUnsafe(
      `UPDATE messages.messages SET created_at = '${new Date(at).toISOString()}' WHERE conversation_id = '${conversationId}' AND seq = ${seq}`,
    );
  await move(1, thisHour - 24 * hourMs + hourMs - 1);
  await move(2, thisHour - 23 * hourMs);
  await move(3, thisHour - 1);

  const { hours, at } = await getOverview(echo.core);

  const counted = hours.map(({ startsAt, messages }) => [Date.parse(startsAt), messages]);
  const first = Math.floor(Date.parse(at) / hourMs) * hourMs - 23 * hourMs;
  expect(counted.map(([startsAt]) => startsAt)).toEqual(Array.from({ length: 24 }, (_, n) => first + n * hourMs));
  expect(counted.filter(([, messages]) => messages !== 0)).toEqual([
    [thisHour - 23 * hourMs, 1],
    [thisHour - hourMs, 1],
    [thisHour, 1],
  ]);
});
