import type { SyncResult } from "@echo/contracts";
import { forceNewEpoch } from "@echo/db";
import { createTestDatabase, type TestDatabase } from "@echo/testing/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Actor, Core } from "../core.ts";
import { emitOnUserStreams } from "../event-log/index.ts";
import { addMembers } from "../membership/index.ts";
import { sendMessage } from "../messages/index.ts";
import { createTestCore, refusalOf, type TestCore, textTo } from "../test-core.ts";
import { backfill, syncEvents } from "./index.ts";
import { countMissed } from "./read-missed.ts";
import { briefOf } from "./test-reader.ts";

let database: TestDatabase;
let one: TestCore;
let two: TestCore;
let core: Core;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await createTestCore(database.url);
  two = await createTestCore(database.url);
  core = one.core;
});

afterAll(async () => {
  await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
  await database[Symbol.asyncDispose]();
});

const sync = (who: Actor, cursor?: string, on: Core = core) => syncEvents(on, who, { cursor, waitMs: 0 });
const briefsOf = (result: SyncResult) => ("events" in result ? result.events.map(briefOf) : ["reset"]);

async function cursorNow(): Promise<string> {
  await core.events.appendNow();
  const { epoch, position } = await core.events.head();
  return `${epoch}.${position}`;
}

/** So many events on a person's own stream, in one transaction. */
async function giveEvents({ userId }: Actor, count: number): Promise<void> {
  const conversationId = core.ids.uuid();
  const event = (lastReadSeq: number) => {
    const data = { conversationId, lastReadSeq };
    return { userId, event: { type: "conversation.read", actorId: userId, refId: conversationId, data } };
  };
  await core.db.transaction((tx) =>
    emitOnUserStreams(
      tx,
      Array.from({ length: count }, (_, n) => event(n + 1)),
    ),
  );
  await core.events.appendNow();
}

test("without a cursor there are no events, and the present place is answered", async () => {
  const { ada } = await one.people("ada");
  await giveEvents(ada, 2);
  expect(await sync(ada)).toEqual({ events: [], cursor: await cursorNow() });
});

test("events come once and in order, and their ids are the cursors after them", async () => {
  const { ada, bob } = await one.people("ada", "bob");
  const cursor = await cursorNow();
  const { id: conversationId } = await createConversation(core, ada, { type: "direct", memberIds: [bob.userId] });
  for (const text of ["one", "two", "three"]) await sendMessage(core, ada, textTo(conversationId, text));
  await core.events.appendNow();

  const all = await sync(bob, cursor);

  expect(briefsOf(all)).toEqual([
    `conversation.added {"conversationId":"${conversationId}"}`,
    ...["one", "two", "three"].map((text) => `message.created ${text} quotes -`),
  ]);
  expect(all.cursor).toBe(await cursorNow());
  expect(briefsOf(await sync(bob, all.cursor))).toEqual([]);
  const events = "events" in all ? all.events : [];
  for (const [index, event] of events.entries()) {
    const rest = await sync(bob, event.id, two.core);
    expect(briefsOf(rest)).toEqual(briefsOf(all).slice(index + 1));
  }
  expect(events[1]).toMatchObject({ streamId: conversationId, eventSeq: 2, actorId: ada.userId });
});

test("what is for consumers alone is never sent, and a stranger gets nothing", async () => {
  const { ada, eve } = await one.people("ada", "eve");
  const cursor = await cursorNow();
  await core.db.transaction((tx) =>
    emitOnUserStreams(tx, [
      { userId: eve.userId, event: { type: "user.registered", actorId: null, refId: eve.userId, data: null } },
    ]),
  );
  const { id } = await createConversation(core, ada, { type: "group" });
  await sendMessage(core, ada, textTo(id, "hello"));
  await core.events.appendNow();

  expect(briefsOf(await sync(eve, cursor))).toEqual([]);
  expect(briefsOf(await sync(ada, cursor)).map((brief) => brief.split(" ")[0])).toEqual([
    "conversation.added",
    "message.created",
  ]);
});

test("an event of somebody else's stream that names an audience reaches that person alone", async () => {
  const { ada, bob } = await one.people("ada", "bob");
  const { id: conversationId } = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
  const cursor = await cursorNow();
  const data = { userId: bob.userId, role: "member" };
  const insert = `INSERT INTO messages.event_new (stream_id, event_seq, audience_user_id, type, data)
    SELECT $1, 2, $2, 'member.updated', $3 FROM messages.conversations WHERE id = $1 FOR UPDATE`;
  await core.db.query({ name: "test_insert_for", text: insert }, [conversationId, bob.userId, JSON.stringify(data)]);
  await core.events.appendNow();

  expect(briefsOf(await sync(bob, cursor))).toEqual([`member.updated ${JSON.stringify({ conversationId, ...data })}`]);
  expect(briefsOf(await sync(ada, cursor))).toEqual([]);
  const { position } = await core.events.head();
  const range = { after: position - 1, upTo: position, limit: 10 };
  expect(await countMissed(core, bob.userId, range)).toBe(1);
  expect(await countMissed(core, ada.userId, range)).toBe(0);
});

describe("cursors", () => {
  test.each([
    "",
    "7",
    "abc",
    "abc.",
    ".7",
    "abc.-1",
    "abc.1.5",
    "abc.1e3",
    "a b.7",
    `${"x".repeat(200)}.1`,
    "abc.12345678901234567",
  ])("%j is no cursor", async (cursor) => {
    const { ada } = await one.people("ada");
    expect(await refusalOf(sync(ada, cursor))).toMatchObject({ code: "BAD_REQUEST" });
  });

  test.each([
    ["of another epoch", (epoch: string, position: number) => `not-${epoch}.${position}`],
    ["ahead of the log", (epoch: string, position: number) => `${epoch}.${position + 1}`],
    ["far ahead of the log", (epoch: string) => `${epoch}.9999999999999999`],
  ])("one %s is answered with a reset to the present place", async (_, change) => {
    const { ada } = await one.people("ada");
    await giveEvents(ada, 1);
    const { epoch, position } = await core.events.head();
    expect(await sync(ada, change(epoch, position))).toEqual({ reset: true, cursor: `${epoch}.${position}` });
  });

  test("one at the floor resumes, one under it is answered with a reset", async () => {
    await using own = await createTestDatabase();
    await using testCore = await createTestCore(own.url);
    const { events, db } = testCore.core;
    const { ada } = await testCore.people("ada");
    await createConversation(testCore.core, ada, { type: "group" });
    await events.appendNow();
    await db.query({ name: "", text: "UPDATE messages.log_head SET floor = 1" });
    const { epoch, position } = await events.head();

    expect(await sync(ada, `${epoch}.0`, testCore.core)).toEqual({ reset: true, cursor: `${epoch}.${position}` });
    expect(briefsOf(await sync(ada, `${epoch}.1`, testCore.core))).toHaveLength(1);
  });

  test("after a restore every cursor of before is answered with a reset", async () => {
    await using own = await createTestDatabase();
    await using testCore = await createTestCore(own.url);
    const { ada } = await testCore.people("ada");
    const before = await sync(ada, undefined, testCore.core);
    const epoch = await forceNewEpoch(own.db);

    expect(await sync(ada, before.cursor, testCore.core)).toEqual({ reset: true, cursor: `${epoch}.0` });
    await expect.poll(async () => (await testCore.core.events.head()).epoch).toBe(epoch);
  });

  test("a cursor gives no right: somebody else's shows one's own events alone", async () => {
    const { ada, bob, eve } = await one.people("ada", "bob", "eve");
    const cursor = await cursorNow();
    const { id } = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
    await sendMessage(core, ada, textTo(id, "secret"));
    await core.events.appendNow();
    const of = await sync(bob, cursor);
    const ids = "events" in of ? of.events.map((event) => event.id) : [];
    expect(ids).toHaveLength(2);
    for (const stolen of [cursor, ...ids]) expect(briefsOf(await sync(eve, stolen))).toEqual([]);
  });
});

describe("too much to catch up with", () => {
  test("exactly 5,000 missed events arrive; one more is a reset", { timeout: 60_000 }, async () => {
    const { ada, bob } = await one.people("ada", "bob");
    const cursor = await cursorNow();
    await giveEvents(ada, 4_999);
    // Others' events count for others.
    await giveEvents(bob, 300);
    await giveEvents(ada, 1);

    const all = await sync(ada, cursor);
    const events = "events" in all ? all.events : [];
    expect(events).toHaveLength(5_000);
    expect(new Set(events.map(({ id }) => id)).size).toBe(5_000);
    expect(events.map(({ eventSeq }) => eventSeq)).toEqual(Array.from({ length: 5_000 }, (_, n) => n + 1));

    await giveEvents(ada, 1);
    const now = await cursorNow();
    expect(await sync(ada, cursor)).toEqual({ reset: true, cursor: now });
    expect(briefsOf(await sync(ada, now))).toEqual([]);
  });

  test("large events come in several answers, each from the place of the one before", { timeout: 60_000 }, async () => {
    const { ada } = await one.people("ada");
    const { id } = await createConversation(core, ada, { type: "group" });
    const cursor = await cursorNow();
    const text = "x".repeat(10_000);
    for (let n = 0; n < 600; n++) await sendMessage(core, ada, textTo(id, text));
    await core.events.appendNow();

    const sizes: number[] = [];
    const seqs: number[] = [];
    for (let next = cursor; ; ) {
      const page = await sync(ada, next);
      const events = "events" in page ? page.events : [];
      if (events.length === 0) break;
      sizes.push(JSON.stringify(events).length);
      seqs.push(...events.map(({ eventSeq }) => eventSeq));
      next = page.cursor;
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(8_000_000);
    expect(seqs).toEqual(Array.from({ length: 600 }, (_, n) => n + 2));
  });
});

test("what is dropped while it is read is a reset, never a part", async () => {
  const { ada } = await one.people("ada");
  const cursor = await cursorNow();
  await giveEvents(ada, 3);
  await using own = await createTestCore(database.url);
  const { db } = own.core;
  const raise = { name: "", text: `UPDATE messages.log_head SET floor = position` };
  const lower = { name: "", text: `UPDATE messages.log_head SET floor = 0` };
  own.core.db = {
    ...db,
    async query(statement, values) {
      const rows = await db.query(statement, values);
      if (statement.name === "sync_list_missed") await db.query(raise);
      return rows;
    },
  };
  try {
    expect(await sync(ada, cursor, own.core)).toEqual({ reset: true, cursor: await cursorNow() });
  } finally {
    await db.query(lower);
  }
});

test("a joiner away gets everything from the join on, nothing of before", async () => {
  const { ada, bob } = await one.people("ada", "bob");
  const { id: conversationId } = await createConversation(core, ada, { type: "group" });
  const cursor = await cursorNow();
  await sendMessage(core, ada, textTo(conversationId, "before"));
  await addMembers(core, ada, { conversationId, userIds: [bob.userId] });
  await sendMessage(core, ada, textTo(conversationId, "after"));
  await core.events.appendNow();

  expect(briefsOf(await sync(bob, cursor))).toEqual([
    `member.added ${JSON.stringify({ conversationId, userId: bob.userId, role: "member" })}`,
    `conversation.added ${JSON.stringify({ conversationId })}`,
    "message.created after quotes -",
  ]);
});

test("a page is found however much of others lies before it, and nothing between is passed by", async () => {
  const { ada, bob } = await one.people("ada", "bob");
  await core.events.appendNow();
  const { position: after } = await core.events.head();
  // A page of one event is looked for in the next 16 positions, then in 128, then in 1,024.
  for (const { others, own } of [
    { others: 16, own: 1 },
    { others: 127, own: 2 },
    { others: 1_022, own: 1 },
  ]) {
    await giveEvents(bob, others);
    await giveEvents(ada, own);
  }
  const { position: upTo } = await core.events.head();

  const places: number[] = [];
  for (let from = after; ; ) {
    const [delivery] = await backfill(core, ada.userId, { after: from, upTo, limit: 1 });
    if (!delivery) break;
    places.push(delivery.position - after);
    from = delivery.position;
  }
  expect(places).toEqual([17, 145, 146, 1_169]);
  const [first] = await backfill(core, ada.userId, { after: after + 1, upTo, limit: 1 });
  expect(first?.position).toBe(after + 17);
  expect(await countMissed(core, ada.userId, { after, upTo, limit: 5_001 })).toBe(4);
  expect(await countMissed(core, ada.userId, { after, upTo, limit: 2 })).toBe(2);
});
