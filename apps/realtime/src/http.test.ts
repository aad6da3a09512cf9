import { sendRaw, startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { startTestNode } from "./test-kit.ts";

test.each([
  "GET /health HTTP/1.1\r\nhost: localhost\r\n",
  "GET /trpc HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\n",
])("a request that drips is TIMEOUT, as at the API: %j", async (text) => {
  await using echo = await startEcho();
  const node = await startTestNode(echo.core, { timings: { requestMs: 300 } });

  const answer = await sendRaw(node.url.replace("ws:", "http:"), text);

  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(answer).toContain('"code":"TIMEOUT"');
  await node.close();
});
