import type { DurableEvent } from "@echo/contracts";
import { DurableEvent as DurableEventSchema } from "@echo/contracts";
import { createTestDatabase, type TestDatabase } from "@echo/testing/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Actor, Core } from "../core.ts";
import type { LoggedEvent } from "../event-log/index.ts";
import { addMembers, type Membership, removeMember } from "../membership/index.ts";
import { sendMessage } from "../messages/index.ts";
import { createTestCore, type TestCore, textTo } from "../test-core.ts";
import { upsertProfile } from "../users/index.ts";
import type { Delivery } from "./delivery.ts";
import { backfill, hydrate, isFor, loadMemberships } from "./index.ts";

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

const run = (text: string, values: unknown[] = []) => core.db.query({ name: "", text }, values);

async function eventsAfter(position: number): Promise<LoggedEvent[]> {
  await core.events.appendNow();
  return core.events.read({ from: position, to: Number.MAX_SAFE_INTEGER, limit: 1_000 });
}

async function positionNow(): Promise<number> {
  await core.events.appendNow();
  return (await core.events.head()).position;
}

async function groupOf(owner: Actor, ...members: Actor[]) {
  const memberIds = members.map(({ userId }) => userId);
  const { id } = await createConversation(core, owner, { type: "group", memberIds });
  return id;
}

const contentOf = (event: DurableEvent | null) => (event?.type === "message.created" ? event.data.content : undefined);

test("a body is read as it is now: an edited text is the new one, a deleted one is gone, an erased message has no event", async () => {
  const { ada, bob } = await testCore.people("ada", "bob");
  const conversationId = await groupOf(ada, bob);
  const before = await positionNow();
  const ids: string[] = [];
  for (const text of ["edited", "deleted", "erased"]) {
    ids.push((await sendMessage(core, ada, textTo(conversationId, `old ${text}`))).id);
  }
  await run(`UPDATE messages.messages SET content = '{"text": "new"}', version = 2, edited_at = now() WHERE id = $1`, [
    ids[0],
  ]);
  await run("UPDATE messages.messages SET content = NULL, deleted_at = now() WHERE id = $1", [ids[1]]);
  await run("DELETE FROM messages.messages WHERE id = $1", [ids[2]]);

  const deliveries = await hydrate(core, await eventsAfter(before));

  expect(deliveries.map(({ event }) => contentOf(event))).toEqual([{ text: "new" }, null, undefined]);
  expect(deliveries[1]?.event).toMatchObject({
    type: "message.created",
    data: { seq: 2, deletedAt: expect.any(String) },
  });
  expect(deliveries[2]?.event).toBeNull();
  expect(JSON.stringify(deliveries)).not.toContain("old");
  const missed = await backfill(core, bob.userId, { after: before, upTo: await positionNow(), limit: 10 });
  expect(missed).toEqual(deliveries);
});

test("each event is what the contract says, without what only the log needs", async () => {
  const { ada, bob } = await testCore.people("ada", "bob");
  const before = await positionNow();
  const conversationId = await groupOf(ada);
  await addMembers(core, ada, { conversationId, userIds: [bob.userId] });
  await upsertProfile(core, bob, { displayName: "Bob the Second" });
  await removeMember(core, ada, { conversationId, userId: bob.userId });

  const deliveries = await hydrate(core, await eventsAfter(before));

  const events = deliveries.flatMap(({ event }) => event ?? []);
  for (const event of events) expect(DurableEventSchema.parse(event)).toEqual(event);
  expect(events.map(({ type, data }) => [type, data])).toEqual([
    ["conversation.added", { conversationId }],
    ["member.added", { conversationId, userId: bob.userId, role: "member" }],
    ["conversation.added", { conversationId }],
    ["user.updated", { profile: expect.objectContaining({ userId: bob.userId, displayName: "Bob the Second" }) }],
    ["member.removed", { conversationId, userId: bob.userId, role: "member" }],
    ["conversation.removed", { conversationId, reason: "removed" }],
  ]);
  const { epoch } = await core.events.head();
  for (const { event, position } of deliveries) if (event) expect(event.id).toBe(`${epoch}.${position}`);
});

test("joins and departures tell who receives a conversation from then on", async () => {
  const { ada, bob } = await testCore.people("ada", "bob");
  const before = await positionNow();
  const conversationId = await groupOf(ada);
  await addMembers(core, ada, { conversationId, userIds: [bob.userId] });
  await removeMember(core, ada, { conversationId, userId: bob.userId });

  const deliveries = await hydrate(core, await eventsAfter(before));

  const conversation = { conversationId, type: "group", historyVisibility: "all", memberCount: 1 };
  expect(deliveries.flatMap(({ membership }) => membership ?? [])).toEqual([
    { change: "joined", userId: ada.userId, eventSeq: 1, conversation },
    { change: "joined", userId: bob.userId, eventSeq: 2, conversation },
    { change: "joined", userId: bob.userId, eventSeq: 2, conversation },
    { change: "left", userId: bob.userId, eventSeq: 3, conversationId },
  ]);
});

test("a batch is read with one query a kind, whatever its size", async () => {
  const { ada, bob } = await testCore.people("ada", "bob");
  const before = await positionNow();
  const ids = [await groupOf(ada, bob), await groupOf(ada, bob)];
  for (let n = 0; n < 30; n++) await sendMessage(core, ada, textTo(ids[n % 2] ?? "", `${n}`));
  for (const who of [ada, bob]) await upsertProfile(core, who, { bio: "new" });
  const events = await eventsAfter(before);
  const asked: string[] = [];
  const counting: Core = {
    ...core,
    db: {
      ...core.db,
      query(statement, values) {
        asked.push(statement.name);
        return core.db.query(statement, values);
      },
    },
  };

  const deliveries = await hydrate(counting, events);

  expect(deliveries).toHaveLength(events.length);
  expect(asked).toHaveLength(3);
  expect(new Set(asked).size).toBe(3);
});

test("an event of a later version, and one whose data is damaged, have no event and disturb no others", async () => {
  const { ada } = await testCore.people("ada");
  const conversationId = await groupOf(ada);
  const before = await positionNow();
  const insert = `INSERT INTO messages.event_new (stream_id, event_seq, type, data)
    SELECT id, event_seq + $2, $3, $4 FROM messages.conversations WHERE id = $1 FOR UPDATE`;
  await run(insert, [conversationId, 1, "poll.updated", null]);
  await run(insert, [conversationId, 2, "member.added", JSON.stringify({ userId: 7 })]);
  await run(insert, [conversationId, 3, "conversation.updated", null]);

  const deliveries = await hydrate(core, await eventsAfter(before));

  expect(deliveries.map(({ event }) => event?.type)).toEqual([undefined, undefined, "conversation.updated"]);
});

test("a quote that somebody may not see is left out for them alone, live and at resume", async () => {
  const { ada, bob, cleo } = await testCore.people("ada", "bob", "cleo");
  for (const historyVisibility of ["since_join", "all"] as const) {
    const { id: conversationId } = await createConversation(core, ada, {
      type: "group",
      memberIds: [bob.userId],
      historyVisibility,
    });
    const { id: replyToId } = await sendMessage(core, ada, textTo(conversationId, "of before"));
    await addMembers(core, ada, { conversationId, userIds: [cleo.userId] });
    const after = await positionNow();
    await sendMessage(core, bob, textTo(conversationId, "an answer", { replyToId }));

    const [delivery] = await hydrate(core, await eventsAfter(after));
    const verdictFor = async ({ userId }: Actor) => {
      const memberships = await loadMemberships(core, userId);
      const membership = memberships.find((each) => each.conversationId === conversationId);
      return delivery && isFor(delivery, userId, membership);
    };

    expect(await verdictFor(ada)).toBe("event");
    expect(await verdictFor(cleo)).toBe(historyVisibility === "all" ? "event" : "withoutQuote");
    expect(delivery?.event).toMatchObject({ data: { replyTo: { messageId: replyToId, excerpt: "of before" } } });
    expect(delivery?.withoutQuote?.event).toMatchObject({ data: { replyTo: null, content: { text: "an answer" } } });
    expect(JSON.stringify(delivery?.withoutQuote)).not.toContain("of before");
  }
});

test("a change to a message reaches only those who may see that message, live and at resume", async () => {
  const { ada, bob } = await testCore.people("ada", "bob");
  for (const historyVisibility of ["since_join", "all"] as const) {
    const { id: conversationId } = await createConversation(core, ada, { type: "group", historyVisibility });
    const early = await sendMessage(core, ada, textTo(conversationId, "early"));
    await addMembers(core, ada, { conversationId, userIds: [bob.userId] });
    const late = await sendMessage(core, ada, textTo(conversationId, "late"));
    const after = await positionNow();
    const insert = `WITH c AS (UPDATE messages.conversations SET event_seq = event_seq + 1 WHERE id = $1 RETURNING event_seq)
      INSERT INTO messages.event_new (stream_id, event_seq, type, ref_id, data)
      SELECT $1, c.event_seq, 'message.updated', m.id, jsonb_build_object('eventSeq', m.event_seq)
      FROM c, messages.messages m WHERE m.id = $2`;
    for (const { id } of [early, late]) await run(insert, [conversationId, id]);

    const deliveries = await hydrate(core, await eventsAfter(after));
    const range = { after, upTo: await positionNow(), limit: 10 };
    const seen = async ({ userId }: Actor) => {
      const membership = (await loadMemberships(core, userId)).find((each) => each.conversationId === conversationId);
      const live = deliveries.filter((delivery) => isFor(delivery, userId, membership) !== "no");
      expect(await backfill(core, userId, range)).toEqual(live);
      return live.map(({ event }) => (event?.type === "message.updated" ? event.data.id : null));
    };

    expect(await seen(ada)).toEqual([early.id, late.id]);
    expect(await seen(bob)).toEqual(historyVisibility === "all" ? [early.id, late.id] : [late.id]);
  }
});

test("isFor: nobody receives by a membership of another conversation, or outside of its spans", () => {
  const event = { type: "conversation.updated" } as DurableEvent;
  const delivery: Delivery = {
    position: 1,
    streamId: "c",
    eventSeq: 5,
    aboutEventSeq: null,
    audienceUserId: null,
    loggedAt: new Date(),
    event,
    withoutQuote: null,
    membership: null,
  };
  const membership: Membership = {
    conversationId: "c",
    spans: [
      { from: 2, to: 4 },
      { from: 5, to: 6 },
    ],
    historyVisibility: "all",
    type: "group",
    memberCount: 2,
  };
  expect(isFor(delivery, "u", membership)).toBe("event");
  expect(isFor({ ...delivery, eventSeq: 4 }, "u", membership)).toBe("no");
  expect(isFor({ ...delivery, eventSeq: 6 }, "u", membership)).toBe("no");
  expect(isFor({ ...delivery, streamId: "d" }, "u", membership)).toBe("no");
  expect(isFor(delivery, "u", undefined)).toBe("no");
  expect(isFor({ ...delivery, event: null }, "u", membership)).toBe("no");
  expect(isFor({ ...delivery, audienceUserId: "v" }, "u", membership)).toBe("no");
  expect(isFor({ ...delivery, audienceUserId: "u" }, "u", membership)).toBe("event");
  expect(isFor({ ...delivery, streamId: "u" }, "u", undefined)).toBe("event");
  expect(isFor({ ...delivery, streamId: "v" }, "u", undefined)).toBe("no");
});
