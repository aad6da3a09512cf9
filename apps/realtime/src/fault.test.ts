import { refusal, startEcho } from "@echo/testing";
import { expect, test } from "vitest";

test("without a database calls are UNAVAILABLE over the socket as over HTTP", async () => {
  await using echo = await startEcho({ nodes: 1 });
  const ada = echo.realtimeAs("ada");
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await ada.ping.query();
  await echo.nodes[0]?.realtimeCore.db.close();

  await expect(ada.messages.markRead.mutate({ conversationId, seq: 0 })).rejects.toEqual(refusal("UNAVAILABLE"));
});
