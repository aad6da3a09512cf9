import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { connectStock } from "./stock-client.ts";
import { say } from "./test-kit.ts";

test("marks move by the socket, and the sender's receipt arrives", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const bobId = (await echo.user("bob")).userId;
  await using ada = await connectStock(echo, "ada");
  await using bob = await connectStock(echo, "bob");
  const subscription = ada.subscribe();
  await vi.waitFor(() => expect(subscription.acks()).toBe(1));
  const { seq } = await say(echo.core, await echo.user("ada"), [conversationId, "read me"]);

  expect(await bob.client.messages.markDelivered.mutate({ conversationId, seq })).toMatchObject({
    lastDeliveredSeq: seq,
    lastReadSeq: 0,
  });
  expect(await bob.client.messages.markRead.mutate({ conversationId, seq })).toMatchObject({
    lastDeliveredSeq: seq,
    lastReadSeq: seq,
  });

  await vi.waitFor(() =>
    expect(subscription.events.at(-1)?.event).toMatchObject({
      type: "receipt.updated",
      data: { conversationId, userId: bobId, lastDeliveredSeq: seq, lastReadSeq: seq },
    }),
  );
});

test("who resumes is told the watermarks that moved while he was away, after the events", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const bobId = (await echo.user("bob")).userId;
  await using ada = await connectStock(echo, "ada");
  const before = ada.subscribe();
  await vi.waitFor(() => expect(before.acks()).toBe(1));
  const cursor = before.events[0]?.place ?? "";
  const { seq } = await say(echo.core, await echo.user("ada"), [conversationId, "read me"]);
  await echo.as("bob").messages.markRead.mutate({ conversationId, seq });
  // Until it was told live: it might be told twice else.
  await vi.waitFor(() => expect(before.types()).toContain("receipt.updated"));
  before.unsubscribe();

  const after = ada.subscribe({ cursor });
  await vi.waitFor(() => expect(after.types()).toContain("receipt.updated"));

  expect(after.types()).toEqual(["connection.ack", "message.created", "receipt.updated"]);
  expect(after.events[2]?.event).toMatchObject({ data: { conversationId, userId: bobId, lastReadSeq: seq } });
});

test("typing reaches the others and never the typist, and ends with the message, after 3 s and with the socket", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using ada = await connectStock(echo, "ada");
  await using bob = await connectStock(echo, "bob");
  const heard = ada.subscribe();
  const own = bob.subscribe();
  await vi.waitFor(() => expect([heard.acks(), own.acks()]).toEqual([1, 1]));
  const activities = () =>
    heard.events.flatMap(({ event }) => (event.type === "typing.updated" ? [event.data.activity] : []));

  await bob.client.messages.typing.mutate({ conversationId, activity: "typing" });
  await vi.waitFor(() => expect(activities()).toEqual(["typing"]));
  await say(echo.core, await echo.user("bob"), [conversationId, "done"]);
  await vi.waitFor(() => expect(activities()).toEqual(["typing", "none"]));

  await bob.client.messages.typing.mutate({ conversationId, activity: "recording" });
  await vi.waitFor(() => expect(activities()).toHaveLength(4), { timeout: 8_000 });
  expect(activities().slice(2)).toEqual(["recording", "none"]);

  await bob.client.messages.typing.mutate({ conversationId, activity: "typing" });
  await vi.waitFor(() => expect(activities()).toHaveLength(5));
  bob.cut();
  await vi.waitFor(() => expect(activities().at(-1)).toBe("none"), { timeout: 1_500 });
  expect(own.types()).not.toContain("typing.updated");
});

test("typing over several processes ends once: with a send or a leave at another API, and 3 s after the last call anywhere", async () => {
  await using echo = await startEcho({ nodes: 2 });
  const { conversationId } = await echo.conversationOf("ada", "bob", "eve");
  await using ada = await connectStock(echo, "ada");
  const heard = ada.subscribe();
  await vi.waitFor(() => expect(heard.acks()).toBe(1));
  const told = () =>
    heard.events.flatMap(({ event }) => (event.type === "typing.updated" ? [event.data.activity] : []));
  const typing = (name: string, node: number) =>
    echo.as(name, node).messages.typing.mutate({ conversationId, activity: "typing" });

  await typing("bob", 0);
  await vi.waitFor(() => expect(told()).toEqual(["typing"]));
  const sentMs = performance.now();
  await echo
    .as("bob", 1)
    .messages.send.mutate({ conversationId, clientMessageId: "done", type: "text", content: { text: "done" } });
  await vi.waitFor(() => expect(told()).toEqual(["typing", "none"]), { timeout: 2_000 });
  expect(performance.now() - sentMs).toBeLessThan(2_000);

  await typing("bob", 0);
  await vi.waitFor(() => expect(told()).toHaveLength(3));
  const again = performance.now();
  await vi.waitUntil(() => performance.now() - again >= 1_200, { timeout: 5_000 });
  await typing("bob", 1);
  const lastMs = performance.now();
  await vi.waitFor(() => expect(told().slice(2)).toEqual(["typing", "typing", "none"]), { timeout: 8_000 });
  expect(performance.now() - lastMs).toBeGreaterThanOrEqual(2_800);

  await typing("eve", 0);
  await vi.waitFor(() => expect(told()).toHaveLength(6));
  await echo.as("eve", 1).conversations.leave.mutate({ conversationId });
  await vi.waitFor(() => expect(told().slice(5)).toEqual(["typing", "none"]), { timeout: 2_000 });
});
