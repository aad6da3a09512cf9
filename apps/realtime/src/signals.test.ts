import type { ConversationSignal } from "@echo/core";
import type { Bus } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { RawClient } from "./raw-client.ts";
import { say, startTestNode, subscribed, textsOf, typesOf, withAnnouncements } from "./test-kit.ts";

test("what comes faster than it can be given out is dropped, and the log is looked at instead", async () => {
  const echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const [ada, bob] = await Promise.all([echo.user("ada"), echo.user("bob")]);
  const heard: ((payload: unknown) => void)[] = [];
  const bus: Bus = Object.assign(Object.create(echo.core.bus), {
    subscribe: async (channel: string, onMessage: (payload: unknown) => void) => {
      if (channel === `conversation:${conversationId}`) heard.push(onMessage);
      return { unsubscribe: async () => undefined };
    },
  });
  // No announcement is heard: only a look at the log brings the message.
  const node = await startTestNode(withAnnouncements({ ...echo.core, bus }, () => false));
  using client = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(client, 1);
  await say(echo.core, ada, [conversationId, "from the log"]);
  await echo.core.events.appendNow();
  const data = { conversationId, userId: ada.userId, lastDeliveredSeq: 1, lastReadSeq: 0 };
  const event = { type: "receipt.updated" as const, at: new Date().toISOString(), data };
  const signal: ConversationSignal = { v: 1, event, exceptUserId: null };

  for (let n = 0; n < 1_030; n += 1) heard[0]?.(signal);

  await client.until(() => textsOf(client.eventsOf(1)).length === 1);
  const receipts = typesOf(client.eventsOf(1)).filter((type) => type === "receipt.updated");
  expect(receipts).toHaveLength(1_030 - 1_024);
  await node.close();
});
