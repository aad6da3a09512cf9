import { randomUUID } from "node:crypto";
import type { Message } from "@echo/contracts";
import type { Statement } from "@echo/db";
import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Core } from "../core.ts";
import { leaveConversation } from "../membership/index.ts";
import { createTestCore, eventsOf, refusalOf, seeded, type TestCore, textTo } from "../test-core.ts";
import { listMessages, sendMessage } from "./index.ts";

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let one: TestCore;
let two: TestCore;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await createTestCore(database.url);
  two = await createTestCore(database.url);
});

afterAll(async () => {
  await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
  await database[Symbol.asyncDispose]();
});

const groupOf = async ({ core }: TestCore, type: "group" | "channel" = "group") => {
  const { ada, bob } = await one.people("ada", "bob");
  const { id } = await createConversation(core, ada, { type, memberIds: [bob.userId] });
  return { ada, bob, id };
};

/** The names of the statements by which this core sends from now on. */
function watchSends(core: Core) {
  const query = vi.spyOn(core.db, "query");
  return {
    names: () => query.mock.calls.map(([{ name }]) => name).filter((name) => name.startsWith("messages_send")),
    [Symbol.dispose]: () => query.mockRestore(),
  };
}

const heldBy = {
  name: "test_hold",
  text: "SELECT id FROM messages.conversations WHERE id = $1 FOR NO KEY UPDATE",
};

const waitingSends: Statement<{ n: number }> = {
  name: "test_waiting_sends",
  text: `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%messages.send_message%' AND datname = current_database()`,
};

test("what is sent at once goes in one statement, and each gets the answer that it would get alone", async () => {
  const { core } = one;
  const [a, b, channel] = [await groupOf(one), await groupOf(one), await groupOf(one, "channel")];
  const { eve } = await one.people("eve");
  await leaveConversation(core, b.bob, { conversationId: b.id });
  const twice = textTo(a.id, "twice");
  using sends = watchSends(core);

  const [first, again, other] = await Promise.all([
    sendMessage(core, a.ada, twice),
    sendMessage(core, a.ada, twice),
    sendMessage(core, b.ada, textTo(b.id, "another conversation")),
    ...[
      refusalOf(sendMessage(core, a.ada, textTo(a.id, "changed", { clientMessageId: twice.clientMessageId }))),
      refusalOf(sendMessage(core, a.ada, textTo(randomUUID(), "nowhere"))),
      refusalOf(sendMessage(core, eve, textTo(a.id, "a stranger"))),
      refusalOf(sendMessage(core, b.bob, textTo(b.id, "gone"))),
      refusalOf(sendMessage(core, channel.bob, textTo(channel.id, "a listener"))),
      refusalOf(sendMessage(core, a.ada, textTo(a.id, "an answer", { replyToId: randomUUID() }))),
      refusalOf(
        sendMessage(core, a.ada, textTo(a.id, "@eve", { mentions: [{ userId: eve.userId, offset: 0, length: 4 }] })),
      ),
    ].map(async (refusal, index) => {
      const codes = ["CONFLICT", "NOT_FOUND", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN", "NOT_FOUND", "BAD_REQUEST"];
      expect(await refusal).toMatchObject({ code: codes[index] });
    }),
  ]);

  expect(sends.names()).toEqual(["messages_send_many"]);
  expect(again).toEqual(first);
  expect(other).toMatchObject({ conversationId: b.id, content: { text: "another conversation" } });
  expect((await listMessages(core, a.ada, { conversationId: a.id, limit: 10 })).items).toEqual([first]);
});

test("one alone goes by the statement for one", async () => {
  const { ada, id } = await groupOf(one);
  using sends = watchSends(one.core);

  await sendMessage(one.core, ada, textTo(id, "alone"));

  expect(sends.names()).toEqual(["messages_send"]);
});

test("messages of one sender keep their order", async () => {
  const { core } = one;
  const { ada, id } = await groupOf(one);

  const sent = await Promise.all(Array.from({ length: 100 }, (_, n) => sendMessage(core, ada, textTo(id, String(n)))));

  expect(sent.map(({ seq }) => seq)).toEqual(sent.map((_, index) => index + 1));
});

test("nobody waits for a conversation that somebody else holds, but those who send in it", async () => {
  const { core } = one;
  const [held, free] = [await groupOf(one), await groupOf(one)];
  const arrived: string[] = [];
  const say = async (group: typeof held, text: string) => {
    const message = await sendMessage(core, group.ada, textTo(group.id, text));
    arrived.push(text);
    return message;
  };
  let waiting: Promise<Message>[] = [];

  await two.core.db.transaction(async (tx) => {
    await tx.query(heldBy, [held.id]);
    waiting = [say(held, "held 1"), say(held, "held 2")];
    await Promise.all([say(free, "free 1"), say(free, "free 2")]);
    expect(arrived).toEqual(["free 1", "free 2"]);
  });

  expect((await Promise.all(waiting)).map(({ seq }) => seq)).toEqual([1, 2]);
});

test("senders who wait for their conversations, each in a statement of his own, hold up nobody else", async () => {
  const { core } = one;
  const [free, ...held] = await Promise.all(Array.from({ length: 7 }, () => groupOf(one)));
  if (!free) throw new Error("there is one");
  let waiting: Promise<Message>[] = [];

  await two.core.db.transaction(async (tx) => {
    for (const { id } of held) await tx.query(heldBy, [id]);
    for (const { ada, id } of held) {
      waiting = [...waiting, sendMessage(core, ada, textTo(id, "held"))];
      await vi.waitUntil(async () => (await core.db.query(waitingSends))[0]?.n === waiting.length);
    }
    await sendMessage(core, free.ada, textTo(free.id, "free"));
  });

  expect((await Promise.all(waiting)).map(({ seq }) => seq)).toEqual(held.map(() => 1));
});

test("a message that the database refuses fails alone", async () => {
  const { core } = one;
  const { ada, bob, id } = await groupOf(one);
  const refused = { ...textTo(id, "never"), metadata: { broken: "\u0000" } };

  const [before, broken, after] = await Promise.allSettled([
    sendMessage(core, ada, textTo(id, "before")),
    sendMessage(core, bob, refused),
    sendMessage(core, ada, textTo(id, "after")),
  ]);

  expect([before.status, broken.status, after.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const { items } = await listMessages(core, ada, { conversationId: id, limit: 10 });
  expect(items.map(({ seq }) => seq).sort()).toEqual([1, 2]);
});

test("two processes that send in the same twelve conversations neither wait for each other for ever nor lose anything", async () => {
  const groups = await Promise.all(Array.from({ length: 12 }, () => groupOf(one)));
  const random = seeded(29);
  const sends = Array.from({ length: 1_200 }, (_, n) => {
    const { ada, bob, id } = groups[Math.floor(random() * groups.length)] as (typeof groups)[number];
    return sendMessage((n % 2 ? one : two).core, random() < 0.5 ? ada : bob, textTo(id, String(n)));
  });

  const sent = await Promise.all(sends);

  for (const { id } of groups) {
    const seqs = sent.flatMap(({ conversationId, seq }) => (conversationId === id ? [seq] : [])).sort((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    const created = (await eventsOf(one.core, id)).filter(({ type }) => type === "message.created");
    expect(created.map(({ eventSeq }) => eventSeq)).toEqual(seqs.map((seq) => seq + 1));
  }
});
