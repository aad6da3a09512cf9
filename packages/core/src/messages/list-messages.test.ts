import type { ListMessagesInput } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Actor } from "../core.ts";
import { addMembers, leaveConversation, removeMember } from "../membership/index.ts";
import { createTestCore, refusalOf, seeded, type TestCore, textTo } from "../test-core.ts";
import { getMessage, listMessages, readMessagesForEvents, sendMessage } from "./index.ts";

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let echo: TestCore;

beforeAll(async () => {
  database = await createTestDatabase();
  echo = await createTestCore(database.url);
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

type Visibility = "all" | "since_join";

/** A group of ada's; `say` lets her send that many messages, `seqs` is what somebody can list. */
async function groupOf(historyVisibility: Visibility) {
  const { core } = echo;
  const { ada, bob, cleo } = await echo.people("ada", "bob", "cleo");
  const { id: conversationId } = await createConversation(core, ada, { type: "group", historyVisibility });
  const say = async (count: number) => {
    for (let i = 0; i < count; i++) await sendMessage(core, ada, textTo(conversationId, "-"));
  };
  const add = (who: Actor) => addMembers(core, ada, { conversationId, userIds: [who.userId] });
  const remove = (who: Actor) => removeMember(core, ada, { conversationId, userId: who.userId });
  const list = (who: Actor, input: Partial<ListMessagesInput> = {}) =>
    listMessages(core, who, { conversationId, limit: 200, ...input });
  const seqs = async (who: Actor, input: Partial<ListMessagesInput> = {}) => {
    const { items, hasMoreBefore, hasMoreAfter } = await list(who, input);
    return { seqs: items.map((item) => item.seq), hasMoreBefore, hasMoreAfter };
  };
  return { core, ada, bob, cleo, conversationId, say, add, remove, list, seqs };
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const only = (seqs: number[]) => ({ seqs, hasMoreBefore: false, hasMoreAfter: false });

describe("what a member may read", () => {
  test("all: a joiner reads everything, a former member up to his removal", async () => {
    const { bob, cleo, say, add, remove, seqs, ada } = await groupOf("all");
    await say(2);
    await add(bob);
    await say(2);
    await add(cleo);
    await remove(bob);
    await say(2);

    expect(await seqs(ada)).toEqual(only(from(1, 6)));
    expect(await seqs(cleo)).toEqual(only(from(1, 6)));
    expect(await seqs(bob)).toEqual(only(from(1, 4)));
    expect(await seqs(bob, { afterSeq: 3 })).toEqual({ seqs: [4], hasMoreBefore: true, hasMoreAfter: false });
    expect(await seqs(bob, { aroundSeq: 6 })).toEqual({ seqs: [], hasMoreBefore: true, hasMoreAfter: false });
  });

  test("since_join: a joiner reads what came since, also after leaving and coming back", async () => {
    const { bob, say, add, remove, seqs } = await groupOf("since_join");
    await say(2);
    await add(bob);
    expect(await seqs(bob)).toEqual(only([]));
    await say(2);
    await remove(bob);
    await say(3);
    await add(bob);
    await say(2);

    expect(await seqs(bob)).toEqual(only([3, 4, 8, 9]));
    expect(await seqs(bob, { limit: 3 })).toEqual({ seqs: [4, 8, 9], hasMoreBefore: true, hasMoreAfter: false });
    expect(await seqs(bob, { beforeSeq: 8 })).toEqual({ seqs: [3, 4], hasMoreBefore: false, hasMoreAfter: true });
    expect(await seqs(bob, { afterSeq: 0, limit: 3 })).toEqual({
      seqs: [3, 4, 8],
      hasMoreBefore: false,
      hasMoreAfter: true,
    });
    expect(await seqs(bob, { aroundSeq: 6, limit: 2 })).toEqual({
      seqs: [4, 8],
      hasMoreBefore: true,
      hasMoreAfter: true,
    });
    await remove(bob);
    await say(1);
    expect(await seqs(bob)).toEqual(only([3, 4, 8, 9]));
  });

  test("all: who left and came back reads what was said meanwhile", async () => {
    const { bob, say, add, remove, seqs } = await groupOf("all");
    await add(bob);
    await remove(bob);
    await say(3);
    expect(await seqs(bob)).toEqual(only([]));

    await add(bob);

    expect(await seqs(bob)).toEqual(only([1, 2, 3]));
  });

  test("since_join: who comes back before anything was said still reads what they could", async () => {
    const { bob, say, add, remove, seqs } = await groupOf("since_join");
    await say(1);
    await add(bob);
    await say(2);
    await remove(bob);
    await add(bob);
    await say(1);

    expect(await seqs(bob)).toEqual(only([2, 3, 4]));
  });

  test.each(["all", "since_join"] as const)("%s: any history of joins and leaves", async (visibility) => {
    const { core, bob, say, add, remove, list, seqs } = await groupOf(visibility);
    const random = seeded(11);
    // What bob may see by its definition, kept along: everything up to his end, or what came while he was in.
    let visible: number[] = [];
    let isMember = false;
    let lastSeq = 0;
    const comeOrGo = async () => {
      await (isMember ? remove(bob) : add(bob));
      isMember = !isMember;
      if (isMember && visibility === "all") visible = from(1, lastSeq);
    };
    const speak = async () => {
      await say(1);
      lastSeq++;
      if (isMember) visible.push(lastSeq);
    };
    const checkPages = async () => {
      const beforeSeq = Math.ceil(random() * (lastSeq + 1));
      const before = visible.filter((seq) => seq < beforeSeq);
      const page = before.slice(-3);
      const hasMoreAfter = visible.some((seq) => seq > (page.at(-1) ?? beforeSeq));
      expect(await seqs(bob, { beforeSeq, limit: 3 })).toEqual({
        seqs: page,
        hasMoreBefore: before.length > 3,
        hasMoreAfter,
      });
      expect(await seqs(bob)).toEqual(only(visible));
    };

    await comeOrGo();
    for (let step = 0; step < 60; step++) {
      await (random() < 0.3 ? comeOrGo() : speak());
      if (step % 5 === 4) await checkPages();
    }

    for (const item of (await list(bob)).items)
      expect(await getMessage(core, bob, { messageId: item.id })).toEqual(item);
  });

  test("what may not be read is NOT_FOUND by messages.get, word for word as an unknown id", async () => {
    const { core, ada, bob, cleo, add, remove, conversationId } = await groupOf("since_join");
    const early = await sendMessage(core, ada, textTo(conversationId, "early"));
    await add(bob);
    await remove(bob);
    const late = await sendMessage(core, ada, textTo(conversationId, "late"));

    const unknown = await refusalOf(getMessage(core, bob, { messageId: core.ids.uuid() }));
    expect(unknown).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusalOf(getMessage(core, bob, { messageId: early.id }))).toEqual(unknown);
    expect(await refusalOf(getMessage(core, bob, { messageId: late.id }))).toEqual(unknown);
    expect(await refusalOf(getMessage(core, cleo, { messageId: late.id }))).toEqual(unknown);
  });
});

describe("quotes", () => {
  test("a quoted message that the reader may not see is no quote to them, in every read", async () => {
    const { core, ada, bob, add, list, conversationId } = await groupOf("since_join");
    const secret = await sendMessage(core, ada, textTo(conversationId, "the secret"));
    await add(bob);
    const reply = await sendMessage(core, ada, textTo(conversationId, "look", { replyToId: secret.id }));

    expect((await list(ada)).items[1]?.replyTo).toMatchObject({ messageId: secret.id, excerpt: "the secret" });
    expect((await getMessage(core, ada, { messageId: reply.id })).replyTo).toMatchObject({ seq: 1 });
    expect((await list(bob)).items).toMatchObject([{ id: reply.id, replyTo: null }]);
    expect((await getMessage(core, bob, { messageId: reply.id })).replyTo).toBeNull();
    expect(JSON.stringify(await list(bob))).not.toContain(secret.id);
  });

  test("for events a message comes once, with the place by which a right to its quote is judged", async () => {
    const { core, ada, conversationId } = await groupOf("since_join");
    const quoted = await sendMessage(core, ada, textTo(conversationId, "first"));
    const reply = await sendMessage(core, ada, textTo(conversationId, "second", { replyToId: quoted.id }));

    const bodies = await readMessagesForEvents(core.db, [reply.id, quoted.id, core.ids.uuid()]);

    expect([...bodies.keys()].sort()).toEqual([quoted.id, reply.id].sort());
    expect(bodies.get(quoted.id)).toEqual({ message: quoted, quote: null });
    expect(bodies.get(reply.id)).toEqual({ message: reply, quote: { eventSeq: 2 } });
  });
});

test("a page has the profiles of everyone it names, each once", async () => {
  const { core, ada, bob, cleo, add, list, conversationId } = await groupOf("all");
  await add(bob);
  await add(cleo);
  const first = await sendMessage(core, bob, textTo(conversationId, "hi"));
  const mentions = [{ userId: cleo.userId, offset: 0, length: 2 }];
  await sendMessage(core, ada, textTo(conversationId, "hi there", { replyToId: first.id, mentions } as never));
  await sendMessage(
    core,
    ada,
    textTo(conversationId, "hi all", { mentions: [{ userId: "all", offset: 3, length: 3 }] } as never),
  );

  const { profiles } = await list(ada, { afterSeq: 1 });

  expect(profiles.map(({ userId }) => userId).sort()).toEqual([ada, bob, cleo].map(({ userId }) => userId).sort());
  expect((await list(ada, { beforeSeq: 2 })).profiles.map(({ displayName }) => displayName)).toEqual(["bob"]);
});

test("the owner who left reads up to then, and ownership went on", async () => {
  const { core, ada, bob, add, say, seqs, conversationId } = await groupOf("all");
  await add(bob);
  await say(2);
  await leaveConversation(core, ada, { conversationId });

  await sendMessage(core, bob, textTo(conversationId, "mine now"));

  expect(await seqs(ada)).toEqual(only([1, 2]));
});
