import { type Echo, refusal, startEcho, testLimits } from "@echo/testing";
import { describe, expect, test } from "vitest";

const nobody = "01930000-0000-7000-8000-000000000000";
const text = (conversationId: string, words = "hello") => ({
  conversationId,
  clientMessageId: crypto.randomUUID(),
  type: "text" as const,
  content: { text: words },
});

/** ada and bob talk; eve is a stranger, and carol was removed from a group of all. */
async function talk(echo: Echo) {
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const message = await echo.as("ada").messages.send.mutate(text(conversationId));
  return { conversationId, message };
}

async function removed(echo: Echo) {
  const { conversationId } = await echo.conversationOf("ada", "bob", "carol");
  const message = await echo.as("ada").messages.send.mutate(text(conversationId, "before"));
  const { userId } = await echo.user("carol");
  await echo.as("ada").conversations.members.remove.mutate({ conversationId, userId });
  return { conversationId, message };
}

describe("messages.send", () => {
  test("answers the message as everybody will see it", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const { userId } = await echo.user("ada");

    const message = await echo.as("ada").messages.send.mutate({ ...text(conversationId), metadata: { k: [1] } });

    expect(message).toMatchObject({ seq: 1, senderId: userId, content: { text: "hello" }, metadata: { k: [1] } });
    expect(await echo.as("bob").messages.get.query({ messageId: message.id })).toEqual(message);
  });

  test("50 concurrent retries make one message", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const input = text(conversationId);

    const replies = await Promise.all(Array.from({ length: 50 }, () => echo.as("ada").messages.send.mutate(input)));

    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    const { items } = await echo.as("bob").messages.list.query({ conversationId });
    expect(items).toEqual([replies[0]]);
  });

  test("another body under the same clientMessageId is CONFLICT", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const input = text(conversationId);
    await echo.as("ada").messages.send.mutate(input);

    const other = echo.as("ada").messages.send.mutate({ ...input, content: { text: "other" } });

    await expect(other).rejects.toEqual(refusal("CONFLICT"));
  });

  test("a stranger's is NOT_FOUND, word for word as for no conversation; a former member's FORBIDDEN", async () => {
    await using echo = await startEcho();
    const { conversationId } = await removed(echo);
    const failure = (name: string, id: string) =>
      echo
        .as(name)
        .messages.send.mutate(text(id))
        .catch((error: unknown) => error as Error);

    const stranger = await failure("eve", conversationId);

    expect(stranger).toEqual(refusal("NOT_FOUND"));
    expect((stranger as Error).message).toBe(((await failure("eve", nobody)) as Error).message);
    expect(await failure("carol", conversationId)).toEqual(refusal("FORBIDDEN"));
  });

  test.each([
    ["no text", { content: { text: "" } }],
    ["10,001 characters", { content: { text: "x".repeat(10_001) } }],
    ["a type that only the server sends", { type: "system", content: { event: "x", params: {} } }],
    ["a clientMessageId with a space", { clientMessageId: "a b" }],
    ["metadata over 4 KiB", { metadata: { k: "x".repeat(4_096) } }],
    ["a mention outside the text", { mentions: [{ userId: "all", offset: 4, length: 9 }] }],
  ])("refuses %s", async (_what, part) => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");

    const sent = echo.as("ada").messages.send.mutate({ ...text(conversationId), ...part } as never);

    await expect(sent).rejects.toEqual(refusal("BAD_REQUEST"));
  });
});

describe("messages.list", () => {
  test("pages both ways and names everyone on the page", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    for (const words of ["one", "two", "three"]) await echo.as("ada").messages.send.mutate(text(conversationId, words));

    const page = await echo.as("bob").messages.list.query({ conversationId, afterSeq: 1, limit: 1 });

    expect(page.items.map(({ seq }) => seq)).toEqual([2]);
    expect(page).toMatchObject({ hasMoreBefore: true, hasMoreAfter: true });
    expect(page.profiles.map(({ displayName }) => displayName)).toEqual(["ada"]);
  });

  test.each([
    ["limit 0", { limit: 0 }],
    ["limit 201", { limit: 201 }],
    ["two anchors", { beforeSeq: 1, afterSeq: 1 }],
    ["a seq below 0", { afterSeq: -1 }],
  ])("refuses %s", async (_what, part) => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");

    await expect(echo.as("ada").messages.list.query({ conversationId, ...part })).rejects.toEqual(
      refusal("BAD_REQUEST"),
    );
  });
});

test("what a stranger asks about a conversation is NOT_FOUND on every procedure", async () => {
  await using echo = await startEcho();
  const { conversationId, message } = await talk(echo);
  const eve = echo.as("eve");
  const messageId = message.id;

  const asked = [
    eve.messages.list.query({ conversationId }),
    eve.messages.get.query({ messageId }),
    eve.messages.status.query({ messageId }),
    eve.messages.markRead.mutate({ conversationId, seq: 1 }),
    eve.messages.markDelivered.mutate({ conversationId, seq: 1 }),
    eve.messages.typing.mutate({ conversationId, activity: "typing" }),
  ];

  for (const call of await Promise.allSettled(asked)) {
    expect(call).toMatchObject({ status: "rejected", reason: { data: { code: "NOT_FOUND" } } });
  }
});

test("a former member reads what was while he was there, and writes nothing", async () => {
  await using echo = await startEcho();
  const { conversationId, message } = await removed(echo);
  await echo.as("ada").messages.send.mutate(text(conversationId, "after"));
  const carol = echo.as("carol");

  const { items } = await carol.messages.list.query({ conversationId });

  expect(items).toEqual([message]);
  await expect(carol.messages.markRead.mutate({ conversationId, seq: 1 })).rejects.toEqual(refusal("FORBIDDEN"));
  await expect(carol.messages.typing.mutate({ conversationId, activity: "typing" })).rejects.toEqual(
    refusal("FORBIDDEN"),
  );
});

describe("messages.markRead and messages.markDelivered", () => {
  test("move the caller's watermarks; a stale mark changes nothing", async () => {
    await using echo = await startEcho();
    const { conversationId } = await talk(echo);
    const { userId } = await echo.user("bob");
    const bob = echo.as("bob");

    const read = await bob.messages.markRead.mutate({ conversationId, seq: 1 });

    expect(read).toEqual({ conversationId, userId, lastDeliveredSeq: 1, lastReadSeq: 1 });
    expect(await bob.messages.markDelivered.mutate({ conversationId, seq: 0 })).toEqual(read);
  });

  test("beyond the last message are BAD_REQUEST", async () => {
    await using echo = await startEcho();
    const { conversationId } = await talk(echo);
    const bob = echo.as("bob");

    await expect(bob.messages.markRead.mutate({ conversationId, seq: 2 })).rejects.toEqual(refusal("BAD_REQUEST"));
    await expect(bob.messages.markDelivered.mutate({ conversationId, seq: 2 })).rejects.toEqual(refusal("BAD_REQUEST"));
  });

  test("of 20 at once the highest stays", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    for (let n = 0; n < 20; n += 1) await echo.as("ada").messages.send.mutate(text(conversationId));
    const marks = Array.from({ length: 20 }, (_, n) => ({ conversationId, seq: ((n * 7) % 20) + 1 }));

    await Promise.all(marks.map((mark) => echo.as("bob").messages.markRead.mutate(mark)));

    const { mine } = await echo.as("bob").conversations.get.query({ conversationId });
    expect(mine).toMatchObject({ lastReadSeq: 20, lastDeliveredSeq: 20, unread: 0 });
  });
});

describe("messages.status", () => {
  test("tells who got it and who read it", async () => {
    await using echo = await startEcho();
    const { conversationId, message } = await talk(echo);
    const { userId } = await echo.user("bob");
    await echo.as("bob").messages.markRead.mutate({ conversationId, seq: 1 });

    const { recipients } = await echo.as("ada").messages.status.query({ messageId: message.id });

    expect(recipients).toEqual([
      { userId, state: "read", deliveredAt: expect.any(String), readAt: expect.any(String) },
    ]);
  });

  test("of a channel's message is BAD_REQUEST", async () => {
    await using echo = await startEcho();
    const ada = echo.as("ada");
    const { id } = await ada.conversations.create.mutate({ type: "channel" });
    const message = await ada.messages.send.mutate(text(id));

    await expect(ada.messages.status.query({ messageId: message.id })).rejects.toEqual(refusal("BAD_REQUEST"));
  });
});

test("messages.typing answers {} and refuses an activity that is none", async () => {
  await using echo = await startEcho();
  const { conversationId } = await talk(echo);
  const { typing } = echo.as("ada").messages;

  expect(await typing.mutate({ conversationId, activity: "typing" })).toEqual({});
  await expect(typing.mutate({ conversationId, activity: "dancing" as never })).rejects.toEqual(refusal("BAD_REQUEST"));
});

test("sends over the policy are TOO_MANY_REQUESTS that names it, and write nothing", async () => {
  const send = { name: "send" as const, kind: "bucket" as const, burst: 2, perSecond: 0.001 };
  await using echo = await startEcho({ config: { core: { limits: { ...testLimits, send } } } });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const ada = echo.as("ada");
  await ada.messages.send.mutate(text(conversationId));
  await ada.messages.send.mutate(text(conversationId));

  const third = ada.messages.send.mutate(text(conversationId));

  await expect(third).rejects.toEqual(
    refusal("TOO_MANY_REQUESTS", { limiter: "send", retryAfterMs: expect.any(Number) as never }),
  );
  expect((await ada.messages.list.query({ conversationId })).items).toHaveLength(2);
});
