import { refusal, startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";

const nobody = "01930000-0000-7000-8000-000000000000";

describe("conversations.create", () => {
  test("makes a group that its creator owns", async () => {
    await using echo = await startEcho();
    const { username } = await echo.user("bob");

    const group = await echo
      .as("ada")
      .conversations.create.mutate({ type: "group", usernames: [username], title: "us" });

    expect(group).toMatchObject({ type: "group", title: "us", memberCount: 2, lastSeq: 0, mine: { role: "owner" } });
  });

  test("a pair has one direct conversation, however many ask at once and who", async () => {
    await using echo = await startEcho();
    const [ada, bob] = await Promise.all([echo.user("ada"), echo.user("bob")]);

    const made = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        n % 2 === 0
          ? echo.as("ada").conversations.create.mutate({ type: "direct", memberIds: [bob.userId] })
          : echo.as("bob").conversations.create.mutate({ type: "direct", memberIds: [ada.userId] }),
      ),
    );

    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(made[0]?.other?.userId).toBe(bob.userId);
  });

  test("with an unknown person is NOT_FOUND", async () => {
    await using echo = await startEcho();

    const made = echo.as("ada").conversations.create.mutate({ type: "group", memberIds: [nobody] });

    await expect(made).rejects.toEqual(refusal("NOT_FOUND"));
  });

  test("direct with nobody, with oneself, with two or with a title is BAD_REQUEST", async () => {
    await using echo = await startEcho();
    const ids = await Promise.all(["ada", "bob", "carol"].map(async (name) => (await echo.user(name)).userId));
    const [ada = "", bob = "", carol = ""] = ids;
    const { create } = echo.as("ada").conversations;

    for (const more of [{}, { memberIds: [ada] }, { memberIds: [bob, carol] }, { memberIds: [bob], title: "us" }]) {
      await expect(create.mutate({ type: "direct", ...more })).rejects.toEqual(refusal("BAD_REQUEST"));
    }
  });
});

describe("conversations.list", () => {
  test("has last activity first, page by page, without a repeat", async () => {
    await using echo = await startEcho();
    const ids: string[] = [];
    for (const name of ["bob", "carol", "dan"]) ids.push((await echo.conversationOf("ada", name)).id);
    const { list } = echo.as("ada").conversations;

    const first = await list.query({ limit: 2 });
    const second = await list.query({ limit: 2, cursor: first.nextCursor ?? "" });

    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toReversed());
    expect(second.nextCursor).toBeNull();
  });

  test.each([{ limit: 0 }, { limit: 201 }, { cursor: "no cursor of ours" }])("refuses %o", async (input) => {
    await using echo = await startEcho();

    await expect(echo.as("ada").conversations.list.query(input)).rejects.toEqual(refusal("BAD_REQUEST"));
  });
});

test("a stranger finds no conversation: get, members.*, leave are NOT_FOUND, word for word", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob", "carol");
  const { userId } = await echo.user("bob");
  const { conversations } = echo.as("eve");
  const ask = (id: string) => [
    conversations.get.query({ conversationId: id }),
    conversations.members.list.query({ conversationId: id }),
    conversations.members.add.mutate({ conversationId: id, userIds: [userId] }),
    conversations.members.remove.mutate({ conversationId: id, userId }),
    conversations.leave.mutate({ conversationId: id }),
  ];

  const refusals = await Promise.allSettled([...ask(conversationId), ...ask(nobody)]);

  for (const answer of refusals) expect(answer).toMatchObject({ reason: { data: { code: "NOT_FOUND" } } });
  const sentences = refusals.map((answer) => (answer.status === "rejected" ? (answer.reason as Error).message : ""));
  expect(sentences.slice(0, 5)).toEqual(sentences.slice(5));
});

describe("conversations.members", () => {
  test("add answers the members; adding one again changes nothing", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob", "carol");
    const { userId } = await echo.user("dan");
    const { members, get } = echo.as("ada").conversations;

    const { items } = await members.add.mutate({ conversationId, userIds: [userId] });
    await members.add.mutate({ conversationId, userIds: [userId] });

    expect(items).toMatchObject([{ userId, role: "member", profile: { displayName: "dan" } }]);
    expect((await get.query({ conversationId })).memberCount).toBe(4);
    const listed = await members.list.query({ conversationId });
    expect(listed.items.map(({ profile }) => profile.displayName).sort()).toEqual(["ada", "bob", "carol", "dan"]);
  });

  test("add and remove are for owner and admins", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob", "carol");
    const [{ userId: carol }, { userId: dan }] = await Promise.all([echo.user("carol"), echo.user("dan")]);
    const { members } = echo.as("bob").conversations;

    await expect(members.add.mutate({ conversationId, userIds: [dan] })).rejects.toEqual(refusal("FORBIDDEN"));
    await expect(members.remove.mutate({ conversationId, userId: carol })).rejects.toEqual(refusal("FORBIDDEN"));
  });

  test("add refuses nobody and 101 people, and an unknown one is NOT_FOUND", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob", "carol");
    const { add } = echo.as("ada").conversations.members;
    const many = Array.from({ length: 101 }, () => crypto.randomUUID());

    await expect(add.mutate({ conversationId, userIds: [] })).rejects.toEqual(refusal("BAD_REQUEST"));
    await expect(add.mutate({ conversationId, userIds: many })).rejects.toEqual(refusal("BAD_REQUEST"));
    await expect(add.mutate({ conversationId, userIds: [nobody] })).rejects.toEqual(refusal("NOT_FOUND"));
  });

  test("removed at once by 8 calls, a member is removed once", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob", "carol");
    const { userId } = await echo.user("carol");
    const { members, get } = echo.as("ada").conversations;

    const calls = Array.from({ length: 8 }, () => members.remove.mutate({ conversationId, userId }));

    expect(await Promise.all(calls)).toEqual(Array.from({ length: 8 }, () => ({})));
    expect((await get.query({ conversationId })).memberCount).toBe(2);
  });

  test("list refuses a limit of 0", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");

    await expect(echo.as("ada").conversations.members.list.query({ conversationId, limit: 0 })).rejects.toEqual(
      refusal("BAD_REQUEST"),
    );
  });
});

describe("conversations.leave", () => {
  test("twice answers {} twice", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob", "carol");
    const { leave } = echo.as("carol").conversations;

    expect(await leave.mutate({ conversationId })).toEqual({});
    expect(await leave.mutate({ conversationId })).toEqual({});
  });

  test("a direct conversation is BAD_REQUEST", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");

    await expect(echo.as("ada").conversations.leave.mutate({ conversationId })).rejects.toEqual(refusal("BAD_REQUEST"));
  });
});
