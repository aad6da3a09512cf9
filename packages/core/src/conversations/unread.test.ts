import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Core } from "../core.ts";
import { addMembers, findMemberships, leaveConversation } from "../membership/index.ts";
import { markRead, sendMessage } from "../messages/index.ts";
import { createTestCore, refusalOf, seeded, type TestCore, textTo } from "../test-core.ts";
import { createConversation, getConversation } from "./index.ts";

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

const messagesOf = {
  name: "test_messages_of",
  text: `SELECT seq, event_seq AS "eventSeq", sender_id AS "senderId", deleted_at IS NOT NULL AS "isDeleted"
    FROM messages.messages WHERE conversation_id = $1`,
};

const erase = {
  name: "test_erase",
  text: "UPDATE messages.messages SET content = NULL, deleted_at = now() WHERE conversation_id = $1 AND seq = $2 AND deleted_at IS NULL",
};

interface Row {
  seq: number;
  eventSeq: number;
  senderId: string;
  isDeleted: boolean;
}

/** Unread by its definition, from the rows: visible, not mine, not deleted, above the read mark. */
async function unreadByDefinition(core: Core, { userId }: Actor, conversationId: string): Promise<number> {
  const { mine } = await getConversation(core, { userId } as Actor, { conversationId });
  const all = (await findMemberships(core.db, [userId])).get(userId);
  const membership = all?.find((one) => one.conversationId === conversationId);
  const spans = membership?.spans ?? [];
  const end = spans.at(-1)?.to ?? Number.POSITIVE_INFINITY;
  const isVisible = ({ eventSeq }: Row) =>
    membership?.historyVisibility === "all"
      ? eventSeq < end
      : spans.some(({ from, to }) => eventSeq >= from && eventSeq < (to ?? Number.POSITIVE_INFINITY));
  const rows = await core.db.query<Row>(messagesOf, [conversationId]);
  return rows.filter((row) => isVisible(row) && row.senderId !== userId && !row.isDeleted && row.seq > mine.lastReadSeq)
    .length;
}

describe("unread equals its definition", () => {
  test.each(["all", "since_join"] as const)(
    "%s: after any interleaving of send, read, delete, leave and join by 32 workers",
    async (historyVisibility) => {
      const { core } = one;
      const { ada } = await one.people("ada");
      const crowd = Object.values(await one.people(...Array.from({ length: 32 }, (_, i) => `w${i}`)));
      const { id: conversationId } = await createConversation(core, ada, { type: "group", historyVisibility });
      const userIds = crowd.map(({ userId }) => userId);
      await addMembers(core, ada, { conversationId, userIds });

      // Ten equally likely acts; `dice` picks a place in what the round has come to.
      type Act = (node: Core, who: Actor, dice: number) => Promise<unknown>;
      const send: Act = (node, who) => sendMessage(node, who, textTo(conversationId, "-"));
      const read: Act = (node, who, dice) => markRead(node, who, { conversationId, seq: Math.floor(dice * 60) });
      const remove: Act = (node, _who, dice) => node.db.query(erase, [conversationId, Math.ceil(dice * 60)]);
      const leave: Act = (node, who) => leaveConversation(node, who, { conversationId });
      const join: Act = (node, who) => addMembers(node, ada, { conversationId, userIds: [who.userId] });
      const acts = [send, send, send, send, read, read, read, remove, leave, join];
      const work = async (who: Actor, worker: number, round: number) => {
        const random = seeded(worker * 100 + round);
        const node = worker % 2 ? core : two.core;
        for (let step = 0; step < 6; step++) {
          const act = acts[Math.floor(random() * acts.length)] ?? send;
          await refusalOf(act(node, who, random()));
        }
      };
      const seen = new Set<number>();
      for (let round = 1; round <= 2; round++) {
        await Promise.all(crowd.map((who, worker) => work(who, worker, round)));
        for (const who of [...crowd, ada]) {
          const { mine } = await getConversation(core, who, { conversationId });
          expect(mine.unread).toBe(Math.min(100, await unreadByDefinition(core, who, conversationId)));
          seen.add(mine.unread);
        }
      }
      expect(seen.size).toBeGreaterThan(5); // the interleaving did tell people apart
    },
  );

  test("counts to 100 over the newest 1,000 messages", async () => {
    const { core } = one;
    const { ada, bob } = await one.people("ada", "bob");
    const { id: conversationId } = await createConversation(core, ada, { type: "direct", memberIds: [bob.userId] });
    const unreadOf = async (who: Actor) => (await getConversation(core, who, { conversationId })).mine.unread;
    const say = async (who: Actor, count: number) => {
      for (let i = 0; i < count; i += 50)
        await Promise.all(
          Array.from({ length: Math.min(50, count - i) }, () => sendMessage(core, who, textTo(conversationId, "-"))),
        );
    };
    await say(ada, 99);
    expect(await unreadOf(bob)).toBe(99);
    await say(ada, 2);
    expect(await unreadOf(bob)).toBe(100);

    await say(bob, 950);
    expect(await unreadOf(bob)).toBe(50);
    expect(await unreadOf(ada)).toBe(100);
  });

  test("mentions count when they are of me or of all, in what is unread", async () => {
    const { core } = one;
    const { ada, bob, cleo } = await one.people("ada", "bob", "cleo");
    const memberIds = [bob.userId, cleo.userId];
    const { id: conversationId } = await createConversation(core, ada, { type: "group", memberIds });
    const mention = (...userIds: string[]) =>
      sendMessage(
        core,
        ada,
        textTo(conversationId, "hey", {
          mentions: userIds.map((userId) => ({ userId, offset: 0, length: 3 })),
        } as never),
      );
    await mention(bob.userId);
    await mention("all");
    await mention(cleo.userId);
    await mention(bob.userId, cleo.userId);
    await mention();
    const mineOf = async (who: Actor) => (await getConversation(core, who, { conversationId })).mine;

    expect(await mineOf(bob)).toMatchObject({ unread: 5, unreadMentions: 3 });
    expect(await mineOf(ada)).toMatchObject({ unread: 0, unreadMentions: 0 });
    await markRead(core, bob, { conversationId, seq: 2 });
    expect(await mineOf(bob)).toMatchObject({ unread: 3, unreadMentions: 1 });
  });
});
