import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listMembers } from "../membership/index.ts";
import { createTestCore, eventsOf, refusalOf, type TestCore } from "../test-core.ts";
import { createConversation } from "./index.ts";

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

describe("a direct conversation", () => {
  test("is one per pair: 32 calls from both sides and two nodes make one, and tell of it once", async () => {
    const { core } = one;
    const { ada, bob } = await one.people("ada", "bob");

    const made = await Promise.all(
      Array.from({ length: 32 }, (_, i) =>
        createConversation(i % 4 < 2 ? core : two.core, i % 2 ? ada : bob, {
          type: "direct",
          memberIds: [i % 2 ? bob.userId : ada.userId],
        }),
      ),
    );

    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    const id = made[0]?.id ?? "";
    expect((await eventsOf(core, id)).map(({ type }) => type)).toEqual(["conversation.created"]);
    for (const { userId } of [ada, bob])
      expect((await eventsOf(core, userId)).map(({ type, data }) => [type, data])).toEqual([
        ["conversation.added", { conversationId: id, spanFrom: 1 }],
      ]);
    for (const [i, { mine, other, memberCount }] of made.entries()) {
      expect(other?.userId).toBe(i % 2 ? bob.userId : ada.userId);
      expect(memberCount).toBe(2);
      expect(mine).toMatchObject({ unread: 0, lastReadSeq: 0, archived: false, notify: "all" });
    }
  });

  test("has exactly one other: nobody, oneself or two are BAD_REQUEST, duplicates are one", async () => {
    const { core } = one;
    const { ada, bob, cleo } = await one.people("ada", "bob", "cleo");
    const direct = (...people: { userId: string }[]) =>
      createConversation(core, ada, { type: "direct", memberIds: people.map(({ userId }) => userId) });

    for (const others of [[], [ada], [bob, cleo]])
      expect(await refusalOf(direct(...others))).toMatchObject({ code: "BAD_REQUEST" });
    expect((await direct(bob, ada, bob)).memberCount).toBe(2);
  });
});

describe("a group", () => {
  test("has its creator as owner and those named as members, duplicates and oneself dropped", async () => {
    const { core } = one;
    const { ada, bob, cleo } = await one.people("ada", "bob", "cleo");
    const usernameOf = `u${cleo.userId.replaceAll("-", "").slice(-20)}`;

    const group = await createConversation(core, ada, {
      type: "group",
      memberIds: [bob.userId, bob.userId, ada.userId, cleo.userId],
      usernames: [usernameOf, usernameOf.toUpperCase()],
      title: "Lunch",
      metadata: { a: { b: 1 } },
    });

    expect(group).toMatchObject({
      type: "group",
      title: "Lunch",
      avatarUrl: null,
      metadata: { a: { b: 1 } },
      memberCount: 3,
      lastSeq: 0,
      lastMessage: null,
      mine: { role: "owner", unread: 0, unreadMentions: 0, mutedUntil: null },
    });
    expect(group).not.toHaveProperty("other");
    const { items } = await listMembers(core, bob, { conversationId: group.id, limit: 50 });
    expect(Object.fromEntries(items.map(({ userId, role }) => [userId, role]))).toEqual({
      [ada.userId]: "owner",
      [bob.userId]: "member",
      [cleo.userId]: "member",
    });
    expect(await eventsOf(core, group.id)).toMatchObject([
      { eventSeq: 1, type: "conversation.created", actorId: ada.userId },
    ]);
    for (const { userId } of [ada, bob, cleo]) expect(await eventsOf(core, userId)).toHaveLength(1);
  });

  test("with an unknown person is NOT_FOUND, and nothing is made", async () => {
    const { core } = one;
    const { ada, bob } = await one.people("ada", "bob");
    for (const named of [{ memberIds: [bob.userId, core.ids.uuid()] }, { usernames: ["nobody_here"] }]) {
      for (const type of ["group", "direct"] as const)
        expect(await refusalOf(createConversation(core, ada, { type, ...named }))).toMatchObject({ code: "NOT_FOUND" });
    }
    expect(await eventsOf(core, bob.userId)).toEqual([]);
  });

  test("has at most 1,000 members, its creator among them; a channel may begin with more", async () => {
    const { core } = one;
    const { ada } = await one.people("ada");
    const crowd = Object.values(await one.people(...Array.from({ length: 1_000 }, (_, i) => `c${i}`)));
    const memberIds = crowd.map(({ userId }) => userId);

    expect(await refusalOf(createConversation(core, ada, { type: "group", memberIds }))).toMatchObject({
      code: "BAD_REQUEST",
    });
    const group = await createConversation(core, ada, { type: "group", memberIds: memberIds.slice(1) });
    expect(group.memberCount).toBe(1_000);
    expect((await createConversation(core, ada, { type: "channel", memberIds })).memberCount).toBe(1_001);
  });
});
