import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Core } from "../core.ts";
import { addMembers, leaveConversation } from "../membership/index.ts";
import { ConversationSignal, conversationChannel } from "../signals.ts";
import { createTestCore, eventsOf, refusalOf, seeded, type TestCore, textTo } from "../test-core.ts";
import { markDelivered, markRead, receiptIntervalMs, sendMessage } from "./index.ts";

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

async function conversationOf(type: "direct" | "group" | "channel", messages: number) {
  const { core } = one;
  const { ada, bob } = await one.people("ada", "bob");
  const { id: conversationId } = await createConversation(core, ada, { type, memberIds: [bob.userId] });
  for (let i = 0; i < messages; i++) await sendMessage(core, ada, textTo(conversationId, `${i}`));
  return { core, ada, bob, conversationId };
}

/** Every receipt that is told in a conversation from now on. */
async function receiptsIn(core: Core, conversationId: string) {
  const heard: { userId: string; lastDeliveredSeq: number; lastReadSeq: number }[] = [];
  const subscription = await core.bus.subscribe(conversationChannel(conversationId), (payload) => {
    const { event } = ConversationSignal.parse(payload);
    if (event.type === "receipt.updated") heard.push(event.data);
  });
  return { heard, [Symbol.asyncDispose]: () => subscription.unsubscribe() };
}

const readsOf = async (core: Core, userId: string) =>
  (await eventsOf(core, userId))
    .filter(({ type }) => type === "conversation.read")
    .map(({ data }) => data?.lastReadSeq);

describe("watermarks only grow", () => {
  test("any order and repetition, from two devices on two nodes, ends at the maximum, and read implies delivered", async () => {
    const { core, bob, conversationId } = await conversationOf("direct", 20);
    const random = seeded(4);
    const marks = Array.from({ length: 120 }, (_, i) => ({
      seq: Math.floor(random() * 19),
      mark: random() < 0.5 ? markRead : markDelivered,
      node: i % 2 ? core : two.core,
      device: i % 3 ? bob : one.otherDevice(bob),
    }));

    const answers = await Promise.all(
      marks.map(({ seq, mark, node, device }) => mark(node, device, { conversationId, seq })),
    );

    for (const [i, { lastDeliveredSeq, lastReadSeq }] of answers.entries()) {
      const { seq, mark } = marks[i] ?? { seq: 0, mark: markRead };
      expect(mark === markRead ? lastReadSeq : lastDeliveredSeq).toBeGreaterThanOrEqual(seq);
      expect(lastDeliveredSeq).toBeGreaterThanOrEqual(lastReadSeq);
    }
    const most = (kinds: unknown[]) =>
      Math.max(...marks.filter(({ mark }) => kinds.includes(mark)).map(({ seq }) => seq));
    expect(await markDelivered(core, bob, { conversationId, seq: 0 })).toEqual({
      conversationId,
      userId: bob.userId,
      lastReadSeq: most([markRead]),
      lastDeliveredSeq: most([markRead, markDelivered]),
    });
    const reads = await readsOf(core, bob.userId);
    expect(reads).toEqual([...reads].sort((a, b) => Number(a) - Number(b)));
    expect(new Set(reads).size).toBe(reads.length);
    expect(reads.at(-1)).toBe(most([markRead]));
  });

  test("calls of one moment are one write and one event", async () => {
    const { core, bob, conversationId } = await conversationOf("direct", 9);
    await markDelivered(core, bob, { conversationId, seq: 0 });

    await Promise.all([3, 7, 5].map((seq) => markRead(core, bob, { conversationId, seq })));

    expect(await readsOf(core, bob.userId)).toEqual([7]);
  });

  test("0 and stale marks succeed and tell nothing", async () => {
    const { core, bob, conversationId } = await conversationOf("direct", 5);
    await using receipts = await receiptsIn(core, conversationId);
    await markRead(core, bob, { conversationId, seq: 4 });

    for (const seq of [0, 3, 4]) {
      expect(await markRead(core, bob, { conversationId, seq })).toMatchObject({
        lastReadSeq: 4,
        lastDeliveredSeq: 4,
      });
      expect(await markDelivered(core, bob, { conversationId, seq })).toMatchObject({
        lastReadSeq: 4,
        lastDeliveredSeq: 4,
      });
    }
    await markRead(core, bob, { conversationId, seq: 5 });

    const told = () => receipts.heard.map(({ lastReadSeq }) => lastReadSeq);
    await expect.poll(told).toEqual([4, 5]);
    expect(await readsOf(core, bob.userId)).toEqual([4, 5]);
  });

  test("a mark above lastSeq is BAD_REQUEST and moves nothing, whatever else is in its batch", async () => {
    const { core, ada, bob, conversationId } = await conversationOf("direct", 3);

    const [future, present, other] = await Promise.all([
      refusalOf(markRead(core, bob, { conversationId, seq: 4 })),
      markRead(core, bob, { conversationId, seq: 2 }),
      markDelivered(core, ada, { conversationId, seq: 3 }),
    ]);

    expect(future).toMatchObject({ code: "BAD_REQUEST" });
    expect(present.lastReadSeq).toBe(2);
    expect(other).toMatchObject({ lastDeliveredSeq: 3, lastReadSeq: 0 });
  });

  test("a joiner's marks start at lastSeq, and again when they come back", async () => {
    const { core, ada, conversationId } = await conversationOf("group", 3);
    const { cleo } = await one.people("cleo");
    await addMembers(core, ada, { conversationId, userIds: [cleo.userId] });
    expect(await markRead(core, cleo, { conversationId, seq: 0 })).toMatchObject({
      lastReadSeq: 3,
      lastDeliveredSeq: 3,
    });

    await leaveConversation(core, cleo, { conversationId });
    await sendMessage(core, ada, textTo(conversationId, "4"));
    expect(await refusalOf(markRead(core, cleo, { conversationId, seq: 3 }))).toMatchObject({ code: "FORBIDDEN" });
    await addMembers(core, ada, { conversationId, userIds: [cleo.userId] });

    expect(await markDelivered(core, cleo, { conversationId, seq: 0 })).toMatchObject({
      lastReadSeq: 4,
      lastDeliveredSeq: 4,
    });
  });

  test("a stop writes what still waits, and answers it", async () => {
    const { core, bob, conversationId } = await conversationOf("direct", 3);
    const stopping = await createTestCore(database.url);
    await markRead(stopping.core, bob, { conversationId, seq: 1 });

    const waiting = markRead(stopping.core, bob, { conversationId, seq: 2 });
    await stopping[Symbol.asyncDispose]();

    expect(await waiting).toMatchObject({ lastReadSeq: 2 });
    expect(await markRead(core, bob, { conversationId, seq: 0 })).toMatchObject({ lastReadSeq: 2 });
  });

  test("a send does not move the sender's own marks", async () => {
    const { core, ada, conversationId } = await conversationOf("direct", 3);

    expect(await markRead(core, ada, { conversationId, seq: 0 })).toMatchObject({
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
    });
  });
});

describe("who is told of receipts", () => {
  test("the conversation, coalesced: the first at once, then the latest", async () => {
    const { core, bob, conversationId } = await conversationOf("direct", 9);
    await using receipts = await receiptsIn(two.core, conversationId);

    for (let seq = 1; seq <= 9; seq++) {
      const mark = seq % 2 ? markDelivered : markRead;
      await mark(seq % 3 ? core : two.core, bob, { conversationId, seq });
    }
    const furthest = (key: "lastDeliveredSeq" | "lastReadSeq") =>
      Math.max(...receipts.heard.map((receipt) => receipt[key]));
    await expect.poll(() => [furthest("lastDeliveredSeq"), furthest("lastReadSeq")]).toEqual([9, 8]);

    for (const { userId } of receipts.heard) expect(userId).toBe(bob.userId);
    expect(receipts.heard.length).toBeLessThanOrEqual(9);
  });

  test("in a channel nobody; the reader's own devices learn of reads by their stream", async () => {
    const { core, bob, conversationId } = await conversationOf("channel", 2);
    const direct = await conversationOf("direct", 1);
    await using inChannel = await receiptsIn(core, conversationId);
    await using inDirect = await receiptsIn(core, direct.conversationId);

    await markRead(core, bob, { conversationId, seq: 2 });
    await markRead(core, direct.bob, { conversationId: direct.conversationId, seq: 1 });
    await expect.poll(() => inDirect.heard.length).toBe(1);

    expect(inChannel.heard).toEqual([]);
    expect(await readsOf(core, bob.userId)).toEqual([2]);
  });

  test("by size: 250 ms up to 20 members, 2 s up to 100, then not at all", () => {
    const intervals = [2, 20, 21, 100, 101].map((memberCount) =>
      receiptIntervalMs({ conversationId: "", type: "group", memberCount }),
    );
    expect(intervals).toEqual([250, 250, 2_000, 2_000, null]);
    expect(receiptIntervalMs({ conversationId: "", type: "channel", memberCount: 2 })).toBeNull();
  });
});
