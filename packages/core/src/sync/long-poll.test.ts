import { createTestDatabase, type TestDatabase } from "@echo/testing/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logout, mintSession } from "../auth/index.ts";
import { createConversation } from "../conversations/index.ts";
import type { Actor, Core } from "../core.ts";
import { addMembers } from "../membership/index.ts";
import { sendMessage } from "../messages/index.ts";
import { createTestCore, refusalOf, type TestCore, textTo } from "../test-core.ts";
import { syncEvents } from "./index.ts";
import { waitersOf } from "./waiters.ts";

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

/** People with sessions, which a call that waited is judged by. */
async function signedIn<Name extends string>(...names: Name[]): Promise<Record<Name, Actor>> {
  const people = await one.people(...names);
  for (const name of names) {
    const { session } = await mintSession(core, people[name].userId);
    people[name] = { ...people[name], sessionId: session.id };
  }
  return people;
}

async function cursorNow(): Promise<string> {
  await core.events.appendNow();
  const { epoch, position } = await core.events.head();
  return `${epoch}.${position}`;
}

const poll = (who: Actor, cursor: string, more: { waitMs?: number; signal?: AbortSignal; on?: Core } = {}) =>
  syncEvents(more.on ?? core, who, { cursor, waitMs: more.waitMs ?? 20_000, signal: more.signal });

/** An answer that comes because of an event, and not because the time is over. */
async function promptly<T>(waiting: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const answer = await waiting;
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  return answer;
}

/** Resolves once so many calls wait. */
const untilWaiting = (count: number, on: Core = core) => expect.poll(() => waitersOf(on).size).toBe(count);

test("a call that waits gets an event from another process as soon as it is there, and nobody else is answered", async () => {
  const { ada, bob, eve } = await signedIn("ada", "bob", "eve");
  const { id } = await createConversation(core, ada, { type: "direct", memberIds: [bob.userId] });
  const cursor = await cursorNow();
  const leaving = new AbortController();
  const bobs = poll(bob, cursor);
  const eves = poll(eve, cursor, { signal: leaving.signal });
  await untilWaiting(2);

  await sendMessage(two.core, ada, textTo(id, "hello"));
  const got = await promptly(bobs);

  expect(got).toMatchObject({ events: [{ type: "message.created", data: { content: { text: "hello" } } }] });
  await untilWaiting(1);
  leaving.abort();
  expect(await promptly(eves)).toMatchObject({ events: [] });
});

test("an event that is there already is answered at once", async () => {
  const { ada } = await signedIn("ada");
  const cursor = await cursorNow();
  await createConversation(core, ada, { type: "group" });
  await core.events.appendNow();
  expect(await poll(ada, cursor)).toMatchObject({ events: [{ type: "conversation.added" }] });
});

test("who is added to a conversation while waiting is answered", async () => {
  const { ada, bob } = await signedIn("ada", "bob");
  const { id: conversationId } = await createConversation(core, ada, { type: "group" });
  const waiting = poll(bob, await cursorNow());
  await untilWaiting(1);

  await addMembers(two.core, ada, { conversationId, userIds: [bob.userId] });

  const got = await promptly(waiting);
  const types = "events" in got ? got.events.map(({ type }) => type) : [];
  expect(types.length).toBeGreaterThan(0);
  expect(["member.added", "conversation.added"]).toEqual(expect.arrayContaining(types));
});

test("a call whose time is over is answered with the place up to which it saw everything", async () => {
  const { ada, bob } = await signedIn("ada", "bob");
  const cursor = await cursorNow();
  const { id } = await createConversation(core, ada, { type: "group" });
  await sendMessage(core, ada, textTo(id, "not for bob"));
  const now = await cursorNow();

  expect(await poll(bob, cursor, { waitMs: 300 })).toEqual({ events: [], cursor: now });
  expect(waitersOf(core).size).toBe(0);
});

test("a client that is gone, before or while it waits, leaves nothing behind", async () => {
  const { ada } = await signedIn("ada");
  const cursor = await cursorNow();
  expect(await poll(ada, cursor, { signal: AbortSignal.abort() })).toMatchObject({ events: [] });

  const leaving = new AbortController();
  const waiting = poll(ada, cursor, { signal: leaving.signal });
  await untilWaiting(1);
  leaving.abort();
  expect(await promptly(waiting)).toEqual({ events: [], cursor });
  expect(waitersOf(core).size).toBe(0);
});

test("a session that is revoked while its call waits gets no event", async () => {
  const { ada, bob } = await signedIn("ada", "bob");
  const { id } = await createConversation(core, ada, { type: "direct", memberIds: [bob.userId] });
  const waiting = refusalOf(poll(bob, await cursorNow()));
  await untilWaiting(1);

  await logout(two.core, bob, { scope: "this" });
  await sendMessage(two.core, ada, textTo(id, "too late"));

  expect(await promptly(waiting)).toMatchObject({ code: "UNAUTHORIZED" });
});

test("the 21st call of one person that waits is refused, and others may wait on", async () => {
  const { ada, bob } = await signedIn("ada", "bob");
  const cursor = await cursorNow();
  const clients = Array.from({ length: 21 }, () => new AbortController());
  const waiting = clients.map(({ signal }, n) => poll(n < 20 ? ada : bob, cursor, { signal }));
  await untilWaiting(21);

  const refused = poll(ada, cursor);
  await expect(refused).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS", limiter: "subscriptions" });

  for (const client of clients) client.abort();
  await Promise.all(waiting);
  expect(waitersOf(core).size).toBe(0);
});

test("what others write makes nobody look who waits, and one's own event is found all the same", async () => {
  const { ada, bob, eve } = await signedIn("ada", "bob", "eve");
  const { id } = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
  const other = await createConversation(core, eve, { type: "group" });
  await using own = await createTestCore(database.url);
  const { db } = own.core;
  let looks = 0;
  own.core.db = {
    ...db,
    query(statement, values) {
      if (statement.name === "sync_list_missed") looks += 1;
      return db.query(statement, values);
    },
  };
  const waiting = poll(bob, await cursorNow(), { on: own.core });
  await untilWaiting(1, own.core);
  const say = async (who: Actor, conversationId: string) => {
    await sendMessage(core, who, textTo(conversationId, "hello"));
    const { position } = await core.events.head();
    await expect.poll(() => waitersOf(own.core).position).toBeGreaterThanOrEqual(position);
  };
  // The first one after the wait began makes all look: what lies before it is not known.
  await say(eve, other.id);
  await expect.poll(() => looks).toBe(1);

  for (let n = 0; n < 5; n++) await say(eve, other.id);
  expect(looks).toBe(1);

  await sendMessage(core, ada, textTo(id, "for bob"));
  expect(await promptly(waiting)).toMatchObject({
    events: [{ type: "message.created", data: { content: { text: "for bob" } } }],
  });
  expect(looks).toBe(2);
});

test("calls that wait end when the log is another one", async () => {
  await using own = await createTestDatabase();
  await using testCore = await createTestCore(own.url);
  const { ada } = await testCore.people("ada");
  const { session } = await mintSession(testCore.core, ada.userId);
  const { cursor } = await syncEvents(testCore.core, ada, { waitMs: 0 });
  const waiting = poll({ ...ada, sessionId: session.id }, cursor, { on: testCore.core });
  await untilWaiting(1, testCore.core);
  const { eve } = await testCore.people("eve");
  await createConversation(testCore.core, eve, { type: "group" });
  await expect.poll(() => waitersOf(testCore.core).position).toBeGreaterThan(0);

  const text = "UPDATE messages.log_head SET epoch = 'another'";
  await own.db.query({ name: "", text });

  expect(await promptly(waiting)).toEqual({ reset: true, cursor: "another.2" });
});
