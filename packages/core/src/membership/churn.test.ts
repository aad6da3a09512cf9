import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createConversation, getConversation } from "../conversations/index.ts";
import type { Actor } from "../core.ts";
import { sendMessage } from "../messages/index.ts";
import { createTestCore, eventsOf, type TestEvent, textTo } from "../test-core.ts";
import { addMembers, findMemberships, leaveConversation } from "./index.ts";

test("members that join and leave while others send: counts, spans and event numbers stay true", async () => {
  await using database = await createTestDatabase();
  await using one = await createTestCore(database.url);
  await using two = await createTestCore(database.url);
  const { core } = one;
  const { ada, bob } = await one.people("ada", "bob");
  const { id: conversationId } = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
  const crowd = Object.values(await one.people(...Array.from({ length: 12 }, (_, i) => `c${i}`)));
  const churn = async (who: Actor, node: typeof core) => {
    for (let i = 0; i < 3; i++) {
      await addMembers(node, ada, { conversationId, userIds: [who.userId] });
      await sendMessage(node, who, textTo(conversationId, "in"));
      if (i < 2) await leaveConversation(node, who, { conversationId });
    }
  };

  await Promise.all([
    ...crowd.map((who, i) => churn(who, i % 2 ? core : two.core)),
    ...Array.from({ length: 20 }, () => sendMessage(core, bob, textTo(conversationId, "-"))),
  ]);

  const log = await eventsOf(core, conversationId);
  expect(log.map(({ eventSeq }) => eventSeq)).toEqual(log.map((_, i) => i + 1));
  expect(await getConversation(core, ada, { conversationId })).toMatchObject({ memberCount: 14, lastSeq: 56 });
  for (const { userId } of crowd) {
    const [membership] = (await findMemberships(core.db, [userId])).get(userId) ?? [];
    const isMine = (seq: number) => membership?.spans.some(({ from, to }) => from <= seq && (to === null || seq < to));
    expect(log.map(({ eventSeq }) => eventSeq).filter(isMine)).toEqual(deliveredBy(log, userId));
  }
});

/** The events from each of a person's joins to the removal after it, both included. */
function deliveredBy(log: readonly TestEvent[], userId: string): number[] {
  let isMember = false;
  return log.flatMap(({ type, eventSeq, data }) => {
    const wasMember = isMember;
    if (data?.userId === userId) isMember = type === "member.added";
    return wasMember || isMember ? [eventSeq] : [];
  });
}
