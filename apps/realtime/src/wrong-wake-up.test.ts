import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { connectStock } from "./stock-client.ts";
import { say } from "./test-kit.ts";

test.each([500, 1e15])("a wake-up %d positions ahead of the log deafens nobody", async (ahead) => {
  await using echo = await startEcho({ nodes: 2 });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await using bob = await connectStock(echo, "bob");
  const heard = bob.subscribe();
  await vi.waitFor(() => expect(heard.acks()).toBe(1));
  const { epoch, position } = await echo.core.events.head();

  await echo.core.bus.publish("log", { v: 1, epoch, position: position + ahead });
  const texts = ["one", "two", "three"];
  for (const text of texts) await say(echo.core, await echo.user("ada"), [conversationId, text]);

  await vi.waitFor(() => expect(heard.texts()).toEqual(texts), 10_000);
  expect(heard.types()).not.toContain("sync.reset");
});
