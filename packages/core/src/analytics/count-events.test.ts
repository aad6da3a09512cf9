import type { EventName } from "@echo/contracts";
import type { QueueRecord } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { countEvents, forgetEvents, rollupStride } from "./count-events.ts";
import { getDay } from "./get-day.ts";

const noon = new Date("2026-03-14T12:30:00Z");
const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];

const recordAt = (position: number, type: EventName, actorId = ada): QueueRecord => ({
  topic: "messages",
  key: crypto.randomUUID(),
  position,
  epoch: "e",
  type,
  value: { actorId },
  createdAt: noon,
  loggedAt: noon,
});

test("what was counted after a position is forgotten, and what was counted up to it stays", async () => {
  await using echo = await startEcho({ config: {} });
  const count = (...records: QueueRecord[]) => echo.db.transaction((tx) => countEvents(tx, records));
  const ofTheDay = async () => (await getDay(echo.core, noon)).day;

  await count(recordAt(1, "user.registered"), recordAt(2, "message.created"), recordAt(3, "message.created", bob));
  await count(recordAt(rollupStride, "message.created"), recordAt(rollupStride + 1, "message.created"));
  await count(recordAt(rollupStride + 2, "conversation.created"), recordAt(2 * rollupStride + 1, "message.created"));
  expect(await ofTheDay()).toEqual({ messages: 5, activeSenders: 2, newUsers: 1, newConversations: 1 });

  await echo.db.transaction((tx) => forgetEvents(tx, 2 * rollupStride));
  expect(await ofTheDay()).toEqual({ messages: 4, activeSenders: 2, newUsers: 1, newConversations: 1 });
  await echo.db.transaction((tx) => forgetEvents(tx, rollupStride));
  expect(await ofTheDay()).toEqual({ messages: 3, activeSenders: 2, newUsers: 1, newConversations: 0 });
  await count(recordAt(rollupStride + 1, "message.created", bob));
  expect(await ofTheDay()).toEqual({ messages: 4, activeSenders: 2, newUsers: 1, newConversations: 0 });
  await echo.db.transaction((tx) => forgetEvents(tx, 0));
  expect(await ofTheDay()).toEqual({ messages: 0, activeSenders: 0, newUsers: 0, newConversations: 0 });
});
