import { addMembers, removeMember } from "@echo/core/membership";
import { sendMessage } from "@echo/core/messages";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { actorOf, connectAs, say, startTestNode, subscribed, textsOf, typesOf } from "./test-kit.ts";

async function group() {
  const echo = await startEcho();
  const [ada, bob, eve] = await Promise.all([echo.user("ada"), echo.user("bob"), echo.user("eve")]);
  const { conversationId } = await echo
    .as("ada")
    .conversations.create.mutate({ type: "group", memberIds: [bob.userId] })
    .then(({ id }) => ({ conversationId: id }));
  return { echo, ada, bob, eve, conversationId };
}

test("a removed member's open sockets get nothing that is committed after the removal, whatever races it", async () => {
  const { echo, ada, bob, conversationId } = await group();
  using removed = await connectAs(echo, "bob");
  using staying = await connectAs(echo, "ada");
  await Promise.all([subscribed(removed, 1), subscribed(staying, 1)]);
  let isOver = false;
  const sending = [1, 2, 3].map(async (worker) => {
    for (let n = 0; !isOver; n += 1) await say(echo.core, ada, [conversationId, `${worker}.${n}`]);
  });
  await removed.until(() => textsOf(removed.eventsOf(1)).length > 10);

  await removeMember(echo.core, actorOf(ada), { conversationId, userId: bob.userId });
  const textsAtRemoval = textsOf(staying.eventsOf(1)).length;
  await removed.until(() => typesOf(removed.eventsOf(1)).includes("conversation.removed"));
  await staying.until(() => textsOf(staying.eventsOf(1)).length > textsAtRemoval + 20);
  isOver = true;
  await Promise.all(sending);

  const all = staying.eventsOf(1).map(({ event }) => event);
  const end = all.findIndex(({ type }) => type === "member.removed");
  const upToRemoval = all
    .slice(0, end + 1)
    .filter(({ type }) => type === "message.created" || type === "member.removed");
  const got = removed
    .eventsOf(1)
    .map(({ event }) => event)
    .filter(({ type }) => type === "message.created" || type === "member.removed");
  expect(got).toEqual(upToRemoval);
  expect(typesOf(removed.eventsOf(1)).at(-1)).toBe("conversation.removed");
});

test("who is added live gets everything from his own join on, and who comes back nothing of what he was not there for", async () => {
  const { echo, ada, eve, conversationId } = await group();
  using joiner = await connectAs(echo, "eve");
  await subscribed(joiner, 1);

  await say(echo.core, ada, [conversationId, "before"]);
  await addMembers(echo.core, actorOf(ada), { conversationId, userIds: [eve.userId] });
  await say(echo.core, ada, [conversationId, "with"]);
  await removeMember(echo.core, actorOf(ada), { conversationId, userId: eve.userId });
  await say(echo.core, ada, [conversationId, "without"]);
  await addMembers(echo.core, actorOf(ada), { conversationId, userIds: [eve.userId] });
  await say(echo.core, ada, [conversationId, "again"]);
  await joiner.until(() => textsOf(joiner.eventsOf(1)).includes("again"));

  expect(typesOf(joiner.eventsOf(1))).toEqual([
    "connection.ack",
    "member.added",
    "conversation.added",
    "message.created",
    "member.removed",
    "conversation.removed",
    "member.added",
    "conversation.added",
    "message.created",
  ]);
  expect(textsOf(joiner.eventsOf(1))).toEqual(["with", "again"]);
});

test("a member removed while away gets everything up to and with the removal at resume", async () => {
  const { echo, ada, bob, conversationId } = await group();
  using before = await connectAs(echo, "bob");
  const cursor = await subscribed(before, 1);
  before.ws.terminate();

  await say(echo.core, ada, [conversationId, "still mine"]);
  await removeMember(echo.core, actorOf(ada), { conversationId, userId: bob.userId });
  await say(echo.core, ada, [conversationId, "not mine"]);
  await addMembers(echo.core, actorOf(ada), { conversationId, userIds: [bob.userId] });
  await say(echo.core, ada, [conversationId, "mine again"]);
  using after = await connectAs(echo, "bob");
  await subscribed(after, 1, cursor);
  await after.until(() => textsOf(after.eventsOf(1)).includes("mine again"));

  expect(textsOf(after.eventsOf(1))).toEqual(["still mine", "mine again"]);
  expect(
    typesOf(after.eventsOf(1))
      .filter((type) => type.startsWith("conversation."))
      .slice(-2),
  ).toEqual(["conversation.removed", "conversation.added"]);
});

test("a quote that one may see and another may not goes out in two variants, live and at resume", async () => {
  const echo = await startEcho();
  const [ada, bob, eve] = await Promise.all([echo.user("ada"), echo.user("bob"), echo.user("eve")]);
  const { id: conversationId } = await echo
    .as("ada")
    .conversations.create.mutate({ type: "group", memberIds: [bob.userId], historyVisibility: "since_join" });
  const secret = await say(echo.core, ada, [conversationId, "before eve"]);
  await addMembers(echo.core, actorOf(ada), { conversationId, userIds: [eve.userId] });
  using old = await connectAs(echo, "bob");
  using young = await connectAs(echo, "eve");
  const [, cursor] = await Promise.all([subscribed(old, 1), subscribed(young, 1)]);

  const input = {
    conversationId,
    clientMessageId: "q",
    type: "text" as const,
    content: { text: "see?" },
    replyToId: secret.id,
  };
  await sendMessage(echo.core, actorOf(bob), input);
  for (const client of [old, young]) await client.until(() => textsOf(client.eventsOf(1)).length === 1);
  using later = await connectAs(echo, "eve");
  await subscribed(later, 1, cursor);
  await later.until(() => textsOf(later.eventsOf(1)).length === 1);

  const quoteOf = (client: typeof old) =>
    client.eventsOf(1).flatMap(({ event }) => (event.type === "message.created" ? [event.data.replyTo] : []));
  expect(quoteOf(old)).toMatchObject([{ messageId: secret.id, excerpt: "before eve" }]);
  expect(quoteOf(young)).toEqual([null]);
  expect(quoteOf(later)).toEqual([null]);
  expect(JSON.stringify(young.texts)).not.toContain("before eve");
});

test("planted: a hub that drops one event, and one that delivers after a removal, are seen", async () => {
  const { echo, ada, bob, conversationId } = await group();
  let dropped = 0;
  const losing = await startTestNode(echo.core, {
    overrides: {
      judge:
        (judge) =>
        (delivery, ...to) =>
          delivery.event?.type === "message.created" && dropped++ === 0 ? "no" : judge(delivery, ...to),
    },
  });
  const leaking = await startTestNode(echo.core, {
    overrides: { judge: () => (delivery) => (delivery.event ? "event" : "no") },
  });
  using first = await connectAs({ ...echo, nodes: [{ realtime: losing }] }, "bob");
  using second = await connectAs({ ...echo, nodes: [{ realtime: leaking }] }, "bob");
  using other = await connectAs({ ...echo, nodes: [{ realtime: leaking }] }, "ada");
  await Promise.all([subscribed(first, 1), subscribed(second, 1), subscribed(other, 1)]);

  await say(echo.core, ada, [conversationId, "1"]);
  await say(echo.core, ada, [conversationId, "2"]);
  await first.until(() => textsOf(first.eventsOf(1)).length === 1);
  await removeMember(echo.core, actorOf(ada), { conversationId, userId: bob.userId });
  await say(echo.core, ada, [conversationId, "3"]);
  await second.until(() => textsOf(second.eventsOf(1)).length === 3);

  expect(textsOf(first.eventsOf(1))).toEqual(["2"]);
  await Promise.all([losing.close(), leaking.close()]);
});
