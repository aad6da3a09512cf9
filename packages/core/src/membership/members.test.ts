import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConversation, getConversation } from "../conversations/index.ts";
import type { Actor } from "../core.ts";
import { sendMessage } from "../messages/index.ts";
import { createTestCore, eventsOf, refusalOf, type TestCore, textTo } from "../test-core.ts";
import { addMembers, findMemberships, leaveConversation, listMembers, removeMember } from "./index.ts";

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

/** A group of ada's with bob in it; cleo and dan stand outside. */
async function groupOf() {
  const { core } = one;
  const people = await one.people("ada", "bob", "cleo", "dan");
  const { ada, bob } = people;
  const { id: conversationId } = await createConversation(core, ada, { type: "group", memberIds: [bob.userId] });
  const list = (who: Actor, input: { limit?: number; cursor?: string } = {}) =>
    listMembers(core, who, { conversationId, limit: 50, ...input });
  const rolesOf = async (who: Actor) =>
    Object.fromEntries((await list(who)).items.map(({ profile, role }) => [profile.displayName, role]));
  const spansOf = async ({ userId }: Actor) => (await findMemberships(core.db, [userId])).get(userId)?.[0]?.spans;
  const makeAdmin = ({ userId }: Actor) =>
    core.db.query({ name: "test_make_admin", text: setAdmin }, [conversationId, userId]);
  const add = (by: Actor, ...whom: Actor[]) =>
    addMembers(core, by, { conversationId, userIds: whom.map(({ userId }) => userId) });
  const remove = (by: Actor, { userId }: Actor) => removeMember(core, by, { conversationId, userId });
  const leave = (who: Actor) => leaveConversation(core, who, { conversationId });
  return { core, ...people, conversationId, list, rolesOf, spansOf, makeAdmin, add, remove, leave };
}

const setAdmin =
  "UPDATE messages.conversation_participants SET role = 'admin' WHERE conversation_id = $1 AND user_id = $2";

describe("adding", () => {
  test("opens a span at the person's own event, and tells both streams", async () => {
    const { core, ada, cleo, dan, conversationId, spansOf, add } = await groupOf();
    await sendMessage(core, ada, textTo(conversationId, "1"));

    const { items } = await add(ada, dan, cleo, dan);

    expect(items.map(({ userId, role }) => [userId, role])).toEqual([
      [dan.userId, "member"],
      [cleo.userId, "member"],
    ]);
    const joins = (await eventsOf(core, conversationId)).slice(2);
    expect(joins).toEqual(
      [dan, cleo].map(({ userId }, i) => {
        const data = { userId, role: "member" };
        return { eventSeq: 3 + i, type: "member.added", actorId: ada.userId, refId: null, data };
      }),
    );
    expect(await spansOf(dan)).toEqual([{ from: 3, to: null }]);
    expect(await spansOf(cleo)).toEqual([{ from: 4, to: null }]);
    const data = { conversationId, spanFrom: 4 };
    expect(await eventsOf(core, cleo.userId)).toEqual([
      { eventSeq: 1, type: "conversation.added", actorId: ada.userId, refId: conversationId, data },
    ]);
    expect(await getConversation(core, cleo, { conversationId })).toMatchObject({
      memberCount: 4,
      mine: { unread: 0, lastReadSeq: 1 },
    });
  });

  test("a member emits nothing and is answered as usual", async () => {
    const { core, ada, bob, cleo, conversationId, add } = await groupOf();
    const before = await eventsOf(core, conversationId);

    expect((await add(ada, bob, ada)).items.map(({ userId, role }) => [userId, role])).toEqual([
      [bob.userId, "member"],
      [ada.userId, "owner"],
    ]);
    expect(await eventsOf(core, conversationId)).toEqual(before);
    expect((await add(ada, bob, cleo)).items).toHaveLength(2);
    expect(await eventsOf(core, conversationId)).toHaveLength(before.length + 1);
  });

  test("20 nodes that add the same person at once make one join", async () => {
    const { core, ada, cleo, conversationId, spansOf } = await groupOf();

    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        addMembers(i % 2 ? core : two.core, ada, { conversationId, userIds: [cleo.userId] }),
      ),
    );

    expect((await eventsOf(core, conversationId)).filter(({ type }) => type === "member.added")).toHaveLength(1);
    expect(await eventsOf(core, cleo.userId)).toHaveLength(1);
    expect(await spansOf(cleo)).toEqual([{ from: 2, to: null }]);
  });

  test("is the owner's and the admins' to do, and of existing people", async () => {
    const { core, ada, bob, cleo, dan, conversationId, makeAdmin, add } = await groupOf();

    expect(await refusalOf(add(bob, cleo))).toMatchObject({ code: "FORBIDDEN" });
    await makeAdmin(bob);
    await add(bob, cleo);
    const unknown = { conversationId, userIds: [dan.userId, core.ids.uuid()] };
    expect(await refusalOf(addMembers(core, ada, unknown))).toMatchObject({ code: "NOT_FOUND" });
    expect(await eventsOf(core, dan.userId)).toEqual([]);
  });

  test("a group has at most 1,000 members; a channel has no such bound", async () => {
    const { core, ada, cleo, dan, conversationId, add } = await groupOf();
    const setCount = {
      name: "test_member_count",
      text: "UPDATE messages.conversations SET member_count = 999 WHERE id = $1",
    };
    await core.db.query(setCount, [conversationId]);
    expect(await refusalOf(add(ada, cleo, dan))).toMatchObject({ code: "BAD_REQUEST" });
    await add(ada, cleo);
    expect(await refusalOf(add(ada, dan))).toMatchObject({ code: "BAD_REQUEST" });
    await add(ada, cleo);

    const channel = await createConversation(core, ada, { type: "channel" });
    await core.db.query(setCount, [channel.id]);
    await addMembers(core, ada, { conversationId: channel.id, userIds: [cleo.userId, dan.userId] });
  });
});

describe("removing and leaving", () => {
  test("closes the span after the person's own removal, and coming back opens another", async () => {
    const { core, ada, bob, conversationId, spansOf, remove, add } = await groupOf();

    expect(await remove(ada, bob)).toEqual({});
    expect(await spansOf(bob)).toEqual([{ from: 1, to: 3 }]);
    await sendMessage(core, ada, textTo(conversationId, "without bob"));
    await add(ada, bob);

    expect(await spansOf(bob)).toEqual([
      { from: 1, to: 3 },
      { from: 4, to: null },
    ]);
    const removed = { userId: bob.userId, role: "member" };
    expect((await eventsOf(core, conversationId))[1]).toMatchObject({
      eventSeq: 2,
      type: "member.removed",
      data: removed,
    });
    expect((await eventsOf(core, bob.userId)).map(({ type, data }) => [type, data])).toEqual([
      ["conversation.added", { conversationId, spanFrom: 1 }],
      ["conversation.removed", { conversationId, reason: "removed" }],
      ["conversation.added", { conversationId, spanFrom: 4 }],
    ]);
    expect(await getConversation(core, ada, { conversationId })).toMatchObject({ memberCount: 2 });
  });

  test("the owner removes anyone, an admin members, a member nobody", async () => {
    const { ada, bob, cleo, dan, makeAdmin, add, remove, rolesOf } = await groupOf();
    await add(ada, cleo, dan);
    await makeAdmin(bob);

    expect(await refusalOf(remove(cleo, dan))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusalOf(remove(bob, ada))).toMatchObject({ code: "FORBIDDEN" });
    await remove(bob, cleo);
    await makeAdmin(dan);
    expect(await refusalOf(remove(bob, dan))).toMatchObject({ code: "FORBIDDEN" });
    await remove(ada, bob);

    expect(await rolesOf(ada)).toEqual({ ada: "owner", dan: "admin" });
  });

  test("a former member is removed again without an event; who was never there is NOT_FOUND", async () => {
    const { core, ada, bob, cleo, conversationId, remove, add } = await groupOf();
    await add(ada, cleo);
    await remove(ada, bob);
    const before = await eventsOf(core, conversationId);

    expect(await remove(ada, bob)).toEqual({});
    expect(await refusalOf(remove(cleo, bob))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusalOf(removeMember(core, ada, { conversationId, userId: core.ids.uuid() }))).toMatchObject({
      code: "NOT_FOUND",
    });

    expect(await eventsOf(core, conversationId)).toEqual(before);
  });

  test("leaving is once, by any number of calls", async () => {
    const { core, bob, conversationId, leave } = await groupOf();

    const answers = await Promise.all([leave(bob), leave(bob), leaveConversation(two.core, bob, { conversationId })]);

    expect(answers).toEqual([{}, {}, {}]);
    expect((await eventsOf(core, conversationId)).map(({ type }) => type)).toEqual([
      "conversation.created",
      "member.removed",
    ]);
    expect((await eventsOf(core, bob.userId)).map(({ data }) => data?.reason)).toEqual([undefined, "left"]);
  });

  test("ownership passes to the longest-standing admin, else member, and the conversation outlives its last", async () => {
    const { core, ada, bob, cleo, dan, conversationId, makeAdmin, add, leave, rolesOf } = await groupOf();
    await add(ada, cleo);
    await add(ada, dan);
    await makeAdmin(dan);
    await makeAdmin(cleo);

    await leave(ada);
    expect(await rolesOf(bob)).toEqual({ bob: "member", cleo: "owner", dan: "admin" });
    const [removed, updated] = (await eventsOf(core, conversationId)).slice(-2);
    expect(removed).toMatchObject({ type: "member.removed", data: { userId: ada.userId, role: "owner" } });
    expect(updated).toMatchObject({ type: "member.updated", data: { userId: cleo.userId, role: "owner" } });
    await leave(cleo);
    await leave(dan);
    expect(await rolesOf(bob)).toEqual({ bob: "owner" });
    await leave(bob);
    expect(await refusalOf(sendMessage(core, bob, textTo(conversationId, "?")))).toMatchObject({ code: "FORBIDDEN" });
  });
});

test("a direct conversation can be neither joined nor left", async () => {
  const { core, ada, bob, cleo } = await groupOf();
  const { id: conversationId } = await createConversation(core, ada, { type: "direct", memberIds: [bob.userId] });

  for (const call of [
    () => addMembers(core, ada, { conversationId, userIds: [cleo.userId] }),
    () => removeMember(core, ada, { conversationId, userId: bob.userId }),
    () => leaveConversation(core, bob, { conversationId }),
  ])
    expect(await refusalOf(call())).toMatchObject({ code: "BAD_REQUEST" });
});

describe("listing", () => {
  test("pages in the order of joining, each member once", async () => {
    const { ada, bob, cleo, dan, add, list } = await groupOf();
    await add(ada, dan);
    await add(ada, cleo);

    const first = await list(bob, { limit: 3 });
    const second = await list(bob, { limit: 3, cursor: first.nextCursor ?? "" });

    const names = [...first.items, ...second.items].map(({ profile }) => profile.displayName);
    expect(names.slice(0, 2).sort()).toEqual(["ada", "bob"]);
    expect(names.slice(2)).toEqual(["dan", "cleo"]);
    expect(second.nextCursor).toBeNull();
  });

  test("a cursor that no list gave is BAD_REQUEST", async () => {
    const { ada, list } = await groupOf();

    for (const cursor of ["x", "e30", Buffer.from('["2026-01-01T00:00:00.000Z","x"]').toString("base64url")])
      expect(await refusalOf(list(ada, { cursor }))).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("a former member sees who was there when he went, not who came later", async () => {
    const { ada, bob, cleo, dan, add, remove, rolesOf } = await groupOf();
    await add(ada, cleo);
    await remove(ada, bob);
    await add(ada, dan);
    await remove(ada, cleo);

    expect(Object.keys(await rolesOf(bob)).sort()).toEqual(["ada", "cleo"]);
  });
});
