import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Actor, Core } from "../core.ts";
import { depart } from "../membership/depart.ts";
import { addMembers, leaveConversation, lockConversation, removeMember } from "../membership/index.ts";
import { sendMessage } from "../messages/index.ts";
import { createTestCore, refusalOf, textTo } from "../test-core.ts";
import { backfill, loadMemberships } from "./index.ts";
import { briefOf, eventFor, readAsHub } from "./test-reader.ts";

const waitingForLocks = {
  name: "test_waiting_for_locks",
  text: `SELECT count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`,
};

const untilWaiting = (core: Core, query: string) =>
  vi.waitUntil(async () => ((await core.db.query<{ n: number }>(waitingForLocks, [query]))[0]?.n ?? 0) > 0);

/** What a person gets of the log from its beginning on: at a hub that was always there, and by backfill. */
async function receivedBy(core: Core, { userId }: Actor): Promise<string[]> {
  await core.events.appendNow();
  const { position: upTo } = await core.events.head();
  const live = ((await readAsHub(core, [userId], 5)).get(userId) ?? []).map(briefOf);
  const memberships = new Map((await loadMemberships(core, userId)).map((each) => [each.conversationId, each]));
  const missed = await backfill(core, userId, { after: 0, upTo, limit: 5_000 });
  const resumed = missed.flatMap((delivery) => eventFor(delivery, userId, memberships.get(delivery.streamId)));
  expect(resumed.map(briefOf)).toEqual(live);
  return live;
}

async function groupOfTwo() {
  const database = await createTestDatabase();
  const one = await createTestCore(database.url);
  const two = await createTestCore(database.url);
  const { ada, bob } = await one.people("ada", "bob");
  const { id } = await createConversation(one.core, ada, { type: "group", memberIds: [bob.userId] });
  return {
    core: one.core,
    other: two.core,
    ada,
    bob,
    conversationId: id,
    added: `conversation.added ${JSON.stringify({ conversationId: id })}`,
    removed: [
      `member.removed ${JSON.stringify({ conversationId: id, userId: bob.userId, role: "member" })}`,
      `conversation.removed ${JSON.stringify({ conversationId: id, reason: "removed" })}`,
    ],
    async [Symbol.asyncDispose]() {
      await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
      await database[Symbol.asyncDispose]();
    },
  };
}

test("a send that waits for a removal to commit is refused, and the removed person gets nothing after the removal", async () => {
  await using group = await groupOfTwo();
  const { core, other, ada, bob, conversationId } = group;
  let bobs: ReturnType<typeof refusalOf> = Promise.resolve(null);
  let adas: Promise<unknown> = Promise.resolve();

  await core.db.transaction(async (tx) => {
    const conversation = await lockConversation(tx, conversationId);
    if (!conversation) throw new Error("the conversation is missing");
    await depart(tx, conversation, { userId: bob.userId, role: "member", actorId: ada.userId });
    bobs = refusalOf(sendMessage(other, bob, textTo(conversationId, "too late")));
    adas = sendMessage(other, ada, textTo(conversationId, "after"));
    await untilWaiting(core, "send_message");
  });

  expect(await bobs).toMatchObject({ code: "FORBIDDEN" });
  await adas;
  expect(await receivedBy(core, bob)).toEqual([group.added, ...group.removed]);
  expect((await receivedBy(core, ada)).at(-1)).toBe("message.created after quotes -");
});

test("a removal that waits for a send comes after it, and the removed person still gets that message", async () => {
  await using group = await groupOfTwo();
  const { core, other, ada, bob, conversationId } = group;
  let removal: Promise<unknown> = Promise.resolve();
  const send = `SELECT status FROM messages.send_message($1, $2, 'k', '\\x00', $3, 'text', '{"text": "last"}', NULL, NULL, '[]', '{}', '{}')`;

  await core.db.transaction(async (tx) => {
    await tx.query({ name: "test_send", text: send }, [conversationId, ada.userId, core.ids.uuid()]);
    removal = removeMember(other, ada, { conversationId, userId: bob.userId });
    await untilWaiting(core, "FOR NO KEY UPDATE");
  });
  await removal;

  expect(await receivedBy(core, bob)).toEqual([group.added, "message.created last quotes -", ...group.removed]);
});

test("who leaves and comes back gets nothing of the time between", async () => {
  await using group = await groupOfTwo();
  const { core, ada, bob, conversationId, added } = group;
  const say = (text: string) => sendMessage(core, ada, textTo(conversationId, text));
  const member = JSON.stringify({ conversationId, userId: bob.userId, role: "member" });
  const left = `conversation.removed ${JSON.stringify({ conversationId, reason: "left" })}`;
  await say("first");
  await leaveConversation(core, bob, { conversationId });
  await say("while away");
  await addMembers(core, ada, { conversationId, userIds: [bob.userId] });
  await say("second");
  await leaveConversation(core, bob, { conversationId });
  await say("while away again");

  expect(await receivedBy(core, bob)).toEqual([
    added,
    "message.created first quotes -",
    `member.removed ${member}`,
    left,
    `member.added ${member}`,
    added,
    "message.created second quotes -",
    `member.removed ${member}`,
    left,
  ]);
});

test("sends that race removals and returns: what was sent is what members get, live and at resume alike", async () => {
  await using group = await groupOfTwo();
  const { core, other, ada, bob, conversationId } = group;
  const sent: string[] = [];
  let isOver = false;
  async function talk(who: Actor, on: Core, name: string) {
    for (let n = 1; !isOver; n++) {
      const refusal = await refusalOf(sendMessage(on, who, textTo(conversationId, `${name}${n}`)));
      if (!refusal) sent.push(`${name}${n}`);
      else expect(refusal.code).toBe("FORBIDDEN");
    }
  }
  async function shove() {
    for (let n = 0; n < 25; n++) {
      await removeMember(core, ada, { conversationId, userId: bob.userId });
      await addMembers(other, ada, { conversationId, userIds: [bob.userId] });
    }
    isOver = true;
  }
  await Promise.all([talk(ada, core, "a"), talk(bob, other, "b"), shove()]);

  const textsOf = (briefs: string[]) => briefs.filter((brief) => brief.startsWith("message.created"));
  const all = textsOf(await receivedBy(core, ada)).map((brief) => brief.split(" ")[1]);
  expect(new Set(all)).toEqual(new Set(sent));
  expect(all).toHaveLength(sent.length);
  const bobs = await receivedBy(core, bob);
  expect(textsOf(bobs).filter((brief) => brief.includes(" b"))).toHaveLength(
    sent.filter((text) => text.startsWith("b")).length,
  );
  // Between a removal and the next return nothing of the conversation is his.
  let isMember = true;
  for (const brief of bobs) {
    if (brief.startsWith("member.added")) isMember = true;
    if (brief.startsWith("message.created")) expect(isMember).toBe(true);
    if (brief.startsWith("member.removed")) isMember = false;
  }
});
