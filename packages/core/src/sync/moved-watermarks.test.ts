import { createTestDatabase, type TestDatabase } from "@echo/testing/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Actor, Core } from "../core.ts";
import { addMembers, leaveConversation } from "../membership/index.ts";
import { markDelivered, markRead, sendMessage } from "../messages/index.ts";
import { createTestCore, type TestCore, textTo } from "../test-core.ts";
import { loadMemberships, movedWatermarks } from "./index.ts";

let database: TestDatabase;
let testCore: TestCore;
let core: Core;

beforeAll(async () => {
  database = await createTestDatabase();
  testCore = await createTestCore(database.url);
  core = testCore.core;
});

afterAll(async () => {
  await testCore[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const run = (text: string, values: unknown[]) => core.db.query({ name: "", text }, values);

/** Makes the marks of a conversation a minute older. */
const aMinutePasses = (conversationId: string) =>
  run("UPDATE messages.delivery_status SET at = at - interval '1 minute' WHERE conversation_id = $1", [conversationId]);

async function positionNow(): Promise<number> {
  await core.events.appendNow();
  return (await core.events.head()).position;
}

async function talkOf(type: "direct" | "group" | "channel", owner: Actor, ...others: Actor[]) {
  const memberIds = others.map(({ userId }) => userId);
  const { id } = await createConversation(core, owner, { type, memberIds });
  for (const text of ["one", "two"]) await sendMessage(core, owner, textTo(id, text));
  return id;
}

const dataOf = async ({ userId }: Actor, position: number) =>
  (await movedWatermarks(core, await loadMemberships(core, userId), position)).map(({ data }) => data);

test("each watermark that moved since is told once, as it stands now, one's own too", async () => {
  const { ada, bob } = await testCore.people("ada", "bob");
  const conversationId = await talkOf("direct", ada, bob);
  await markRead(core, ada, { conversationId, seq: 1 });
  await aMinutePasses(conversationId);
  await sendMessage(core, ada, textTo(conversationId, "three"));
  const position = await positionNow();
  await markDelivered(core, bob, { conversationId, seq: 2 });
  await markRead(core, bob, { conversationId, seq: 1 });

  const bobs = { conversationId, userId: bob.userId, lastDeliveredSeq: 2, lastReadSeq: 1 };
  expect(await dataOf(ada, position)).toEqual([bobs]);
  expect(await dataOf(bob, position)).toEqual([bobs]);
  const [receipt] = await movedWatermarks(core, await loadMemberships(core, ada.userId), position);
  expect(receipt?.type).toBe("receipt.updated");
  expect(Date.parse(receipt?.at ?? "")).toBeGreaterThan(Date.now() - 30_000);

  // From before the log's first event on: everything.
  const adas = { conversationId, userId: ada.userId, lastDeliveredSeq: 1, lastReadSeq: 1 };
  expect(await dataOf(ada, 0)).toEqual([adas, bobs]);
});

test("a mark of up to 5 s before the cursor's event is told again, since it may have been told to nobody", async () => {
  const { ada, bob } = await testCore.people("ada", "bob");
  const conversationId = await talkOf("direct", ada, bob);
  await markRead(core, bob, { conversationId, seq: 2 });
  await sendMessage(core, ada, textTo(conversationId, "three"));
  const position = await positionNow();
  const shift =
    "UPDATE messages.delivery_status SET at = (SELECT logged_at FROM messages.event_log WHERE position = $2) - make_interval(secs => $3) WHERE conversation_id = $1";

  await run(shift, [conversationId, position, 4.9]);
  expect(await dataOf(ada, position)).toHaveLength(1);
  await run(shift, [conversationId, position, 5.1]);
  expect(await dataOf(ada, position)).toEqual([]);
});

test("channels and groups of more than 100 tell no receipts, groups of 100 do", async () => {
  const { ada, ...others } = await testCore.people("ada", ...Array.from({ length: 100 }, (_, n) => `p${n}`));
  const crowd = Object.values(others) as Actor[];
  const [bob, ...rest] = crowd;
  if (!ada || !bob) throw new Error("nobody is here");
  const channel = await talkOf("channel", ada, bob);
  const group = await talkOf("group", ada, bob, ...rest.slice(0, 98));
  for (const conversationId of [channel, group]) await markRead(core, bob, { conversationId, seq: 2 });

  expect((await dataOf(ada, 0)).map(({ conversationId }) => conversationId)).toEqual([group]);

  await addMembers(core, ada, { conversationId: group, userIds: rest.slice(98).map(({ userId }) => userId) });
  expect(await dataOf(ada, 0)).toEqual([]);
});

test("a former member is told nothing, and nobody is told of one", async () => {
  const { ada, bob, cleo } = await testCore.people("ada", "bob", "cleo");
  const conversationId = await talkOf("group", ada, bob, cleo);
  for (const who of [bob, cleo]) await markRead(core, who, { conversationId, seq: 2 });

  await leaveConversation(core, bob, { conversationId });

  expect(await dataOf(bob, 0)).toEqual([]);
  expect((await dataOf(ada, 0)).map(({ userId }) => userId)).toEqual([cleo.userId]);
});

test("of many who ask at once, each is told of his own conversations since his own position", async () => {
  const { ada, bob, cleo } = await testCore.people("ada", "bob", "cleo");
  const first = await talkOf("group", ada, bob, cleo);
  const second = await talkOf("direct", ada, cleo);
  await markRead(core, cleo, { conversationId: first, seq: 1 });
  await aMinutePasses(first);
  await sendMessage(core, ada, textTo(first, "three"));
  const position = await positionNow();
  await markRead(core, cleo, { conversationId: second, seq: 2 });
  await markRead(core, bob, { conversationId: first, seq: 2 });

  const asked = [ada, bob, cleo, ada].map((who, at) => dataOf(who, at === 3 ? 0 : position));
  const together = await Promise.all(asked);
  const briefs = together.map((each) => each.map(({ conversationId, userId }) => [conversationId, userId]));
  const cleosFirst = [first, cleo.userId];
  const cleosSecond = [second, cleo.userId];
  const bobs = [first, bob.userId];
  expect(briefs).toEqual([[cleosSecond, bobs], [bobs], [cleosSecond, bobs], [cleosFirst, cleosSecond, bobs]]);
});
