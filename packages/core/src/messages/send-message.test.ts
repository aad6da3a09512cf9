import { SendMessageInput } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import { addMembers, leaveConversation } from "../membership/index.ts";
import { createTestCore, eventsOf, refusalOf, type TestCore, textTo } from "../test-core.ts";
import { getMessage, listMessages, sendMessage } from "./index.ts";

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

async function group(type: "group" | "channel" = "group") {
  const { core } = one;
  const { ada, bob, eve } = await one.people("ada", "bob", "eve");
  const { id } = await createConversation(core, ada, { type, memberIds: [bob.userId] });
  return { core, ada, bob, eve, id };
}

const page = { limit: 200 };

describe("a send is idempotent by its clientMessageId", () => {
  test("50 concurrent and late retries through two cores make one row, one seq and one event, and answer alike", async () => {
    const { core, ada, id } = await group();
    const metadata = { b: 1, aa: { y: [{ z: 1, é: 2, b: 3 }], x: "" }, a: null };
    const mentions = [{ userId: ada.userId, offset: 0, length: 4 }];
    const input = textTo(id, "once", { metadata, mentions });

    const concurrent = await Promise.all(
      Array.from({ length: 50 }, (_, i) => sendMessage(i % 2 ? core : two.core, ada, input)),
    );
    await using restarted = await createTestCore(database.url);
    const late = await sendMessage(restarted.core, ada, { ...input });

    // To the letter: the first answer is made in memory, the others come from the row.
    expect(new Set([...concurrent, late].map((reply) => JSON.stringify(reply))).size).toBe(1);
    const { items } = await listMessages(core, ada, { conversationId: id, ...page });
    expect(items).toEqual([concurrent[0]]);
    expect(items[0]?.seq).toBe(1);
    const created = (await eventsOf(core, id)).filter((event) => event.type === "message.created");
    expect(created).toMatchObject([{ eventSeq: 2, actorId: ada.userId, refId: items[0]?.id, data: null }]);
  });

  test("a reply to a message is answered alike too, with what it quotes", async () => {
    const { core, ada, bob, id } = await group();
    const first = await sendMessage(core, bob, textTo(id, "what?\nwho?"));
    const input = textTo(id, "that", { replyToId: first.id });

    const [sent, again] = [await sendMessage(core, ada, input), await sendMessage(two.core, ada, input)];

    expect(sent).toEqual(again);
    const { id: messageId, seq, senderId, type } = first;
    expect(sent.replyTo).toEqual({ messageId, seq, senderId, type, excerpt: "what? who?" });
  });

  test("the order of keys and absent defaults make no other request", async () => {
    const { core, ada, id } = await group();
    const custom = (data: object, more: object = {}) =>
      textTo(id, "", {
        clientMessageId: "k",
        type: "custom",
        content: { kind: "a.b", data, fallbackText: "x" },
        ...more,
      } as never);

    const sent = await sendMessage(core, ada, custom({ a: 1, b: [{ c: 2, d: 3 }] }));
    const again = await sendMessage(core, ada, custom({ b: [{ d: 3, c: 2 }], a: 1 }, { mentions: [], metadata: {} }));

    expect(again).toEqual(sent);
  });

  test("another body with the same key is CONFLICT, and is not written", async () => {
    const { core, ada, id } = await group();
    const input = textTo(id, "one", { clientMessageId: "key" });
    await sendMessage(core, ada, input);

    for (const other of [
      { content: { text: "two" } },
      { metadata: { a: 1 } },
      { mentions: [{ userId: "all" as const, offset: 0, length: 1 }] },
    ]) {
      expect(
        await refusalOf(sendMessage(core, ada, textTo(id, "one", { clientMessageId: "key", ...other } as never))),
      ).toMatchObject({ code: "CONFLICT" });
    }
    expect((await listMessages(core, ada, { conversationId: id, ...page })).items).toHaveLength(1);
  });

  test("the key is the sender's own, in one conversation", async () => {
    const { core, ada, bob, id } = await group();
    const other = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
    const key = { clientMessageId: "key" };

    await sendMessage(core, ada, textTo(id, "a", key));
    await sendMessage(core, bob, textTo(id, "b", key));
    await sendMessage(core, ada, textTo(other.id, "c", key));

    const { items } = await listMessages(core, ada, { conversationId: id, ...page });
    expect(items.map(({ seq, content }) => [seq, content])).toEqual([
      [1, { text: "a" }],
      [2, { text: "b" }],
    ]);
  });
});

test("64 concurrent senders give seq 1..N with no hole or repeat, and events in the same order", async () => {
  const { core, ada, id } = await group();
  const names = Array.from({ length: 64 }, (_, i) => `sender ${i}`);
  const senders = Object.values(await one.people(...names));
  await addMembers(core, ada, { conversationId: id, userIds: senders.map(({ userId }) => userId) });

  const sent = await Promise.all(
    senders.flatMap((sender, i) =>
      [1, 2, 3].map((n) => sendMessage(i % 2 ? core : two.core, sender, textTo(id, `${i} ${n}`))),
    ),
  );

  expect(sent.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 192 }, (_, i) => i + 1));
  const { items } = await listMessages(core, ada, { conversationId: id, ...page });
  expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 192 }, (_, i) => i + 1));
  const created = (await eventsOf(core, id)).filter((event) => event.type === "message.created");
  expect(created.map((event) => event.refId)).toEqual(items.map((item) => item.id));
});

describe("who may send what", () => {
  test("in a channel owner and admins send, a member is FORBIDDEN", async () => {
    const { core, ada, bob, id } = await group("channel");

    await sendMessage(core, ada, textTo(id, "news"));

    expect(await refusalOf(sendMessage(core, bob, textTo(id, "me too")))).toMatchObject({ code: "FORBIDDEN" });
  });

  test("a former member's send is FORBIDDEN, but the retry of what was sent in time is answered", async () => {
    const { core, bob, id } = await group();
    const input = textTo(id, "still here");
    const sent = await sendMessage(core, bob, input);
    await leaveConversation(core, bob, { conversationId: id });

    expect(await refusalOf(sendMessage(core, bob, textTo(id, "and again")))).toMatchObject({ code: "FORBIDDEN" });
    expect(await sendMessage(core, bob, input)).toEqual(sent);
  });

  test("a reply or a thread to a message of another conversation, or to none, is NOT_FOUND", async () => {
    const { core, ada, bob, id } = await group();
    const other = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
    const elsewhere = await sendMessage(core, ada, textTo(other.id, "elsewhere"));

    for (const messageId of [elsewhere.id, core.ids.uuid()]) {
      expect(await refusalOf(sendMessage(core, ada, textTo(id, "?", { replyToId: messageId })))).toMatchObject({
        code: "NOT_FOUND",
      });
      expect(await refusalOf(sendMessage(core, ada, textTo(id, "?", { threadRootId: messageId })))).toMatchObject({
        code: "NOT_FOUND",
      });
    }
  });

  test("with since_join a joiner cannot quote what came before", async () => {
    const { core, ada, eve } = await group();
    const { id } = await createConversation(core, ada, { type: "group", historyVisibility: "since_join" });
    const before = await sendMessage(core, ada, textTo(id, "before"));
    await addMembers(core, ada, { conversationId: id, userIds: [eve.userId] });

    expect(await refusalOf(sendMessage(core, eve, textTo(id, "?", { replyToId: before.id })))).toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("a thread counts its replies", async () => {
    const { core, ada, bob, id } = await group();
    const root = await sendMessage(core, ada, textTo(id, "root"));

    await Promise.all(
      [ada, bob, ada].map((who, n) => sendMessage(core, who, textTo(id, `${n}`, { threadRootId: root.id }))),
    );

    expect((await getMessage(core, ada, { messageId: root.id })).threadCount).toBe(3);
  });

  test("members can be mentioned, also twice and all at once; strangers and former members cannot", async () => {
    const { core, ada, bob, eve, id } = await group();
    const mention = (userId: string) => ({ userId, offset: 0, length: 3 });
    const mentioning = (...userIds: string[]) => textTo(id, "hey you", { mentions: userIds.map(mention) } as never);

    const sent = await sendMessage(core, ada, mentioning(bob.userId, bob.userId, "all", ada.userId));
    expect(sent.mentions.map(({ userId }) => userId)).toEqual([bob.userId, bob.userId, "all", ada.userId]);

    expect(await refusalOf(sendMessage(core, ada, mentioning(bob.userId, eve.userId)))).toMatchObject({
      code: "BAD_REQUEST",
    });
    await leaveConversation(core, bob, { conversationId: id });
    expect(await refusalOf(sendMessage(core, ada, mentioning(bob.userId)))).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("what the wire allows comes back as it was sent", async () => {
    const { core, ada, id } = await group();
    const sends = [
      { type: "text", content: { text: "\u{1F469}‍\u{1F680} né\n\t\\\"'" } },
      { type: "location", content: { latitude: -89.999999, longitude: 0.1, label: "south" } },
      {
        type: "attachment",
        content: { attachments: [{ url: "https://x.org/a.png", name: "a", mime: "image/png", bytes: 0 }] },
      },
      {
        type: "custom",
        content: { kind: "a.b", data: { "": [1e21, 1.5e-7, null, { z: 0, a: true }] }, fallbackText: "-" },
      },
    ];
    for (const { type, content } of sends) {
      const input = SendMessageInput.parse({
        conversationId: id,
        clientMessageId: type,
        type,
        content,
        metadata: { a: [1] },
      });
      const sent = await sendMessage(core, ada, input);
      expect(sent).toMatchObject({ type, content, metadata: { a: [1] }, clientMessageId: type, version: 1 });
      expect(await getMessage(core, ada, { messageId: sent.id })).toEqual(sent);
    }
  });
});

test("the send limiter is per user and conversation, names itself, counts replays and writes nothing", async () => {
  await using limited = await createTestCore(database.url, { send: { burst: 3, perSecond: 0.001 } });
  const { core } = limited;
  const { ada, bob, eve } = await limited.people("ada", "bob", "eve");
  const [first, second] = [
    await createConversation(core, ada, { type: "group", memberIds: [bob.userId] }),
    await createConversation(core, ada, { type: "group" }),
  ];
  const input = textTo(first.id, "a");
  await sendMessage(core, ada, input);
  await sendMessage(core, ada, input);
  await sendMessage(core, ada, textTo(first.id, "b"));

  for (const again of [input, textTo(first.id, "c")]) {
    await expect(sendMessage(core, ada, again)).rejects.toMatchObject({
      code: "TOO_MANY_REQUESTS",
      limiter: "send",
      retryAfterMs: expect.toSatisfy((ms: number) => ms > 0),
    });
  }
  expect((await listMessages(core, ada, { conversationId: first.id, ...page })).items).toHaveLength(2);
  expect((await eventsOf(core, first.id)).filter(({ type }) => type === "message.created")).toHaveLength(2);
  await sendMessage(core, bob, textTo(first.id, "d"));
  await sendMessage(core, ada, textTo(second.id, "e"));

  // Who must not know of the conversation learns nothing from its limit.
  for (let i = 0; i < 5; i++) {
    expect(await refusalOf(sendMessage(core, eve, textTo(first.id, "f")))).toMatchObject({ code: "NOT_FOUND" });
  }
});
