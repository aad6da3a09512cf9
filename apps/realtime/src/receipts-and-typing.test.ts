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
  before.unsubscribe();
  const { seq } = await say(echo.core, await echo.user("ada"), [conversationId, "read me"]);
  await echo.as("bob").messages.markRead.mutate({ conversationId, seq });

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
