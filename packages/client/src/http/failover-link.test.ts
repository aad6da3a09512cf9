import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { createEcho } from "../create-echo.ts";
import { createFetches } from "../test-support/fetches.ts";

/** Where nobody listens any more. */
async function deserted(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

test("what may not be done twice is asked again where it reached nobody, and only there", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  const fetches = createFetches();
  const sdk = createEcho({
    apiUrl: [await deserted(), echo.apiUrl],
    realtimeUrl: echo.realtimeUrl,
    token: async () => accessToken,
    fetch: fetches.fetch,
  });
  const create = (title: string) => sdk.api.conversations.create.mutate({ type: "group", title });

  await expect(create("refused by the first address")).resolves.toMatchObject({ type: "group" });
  fetches.lose("conversations.create", "lost answer");
  await expect(create("lost on its way back")).rejects.toThrow("planted after the answer");

  const { items } = await echo.as("ada").conversations.list.query({});
  expect(items.map(({ title }) => title).sort()).toEqual(["lost on its way back", "refused by the first address"]);
  expect(fetches.of("conversations.create")).toHaveLength(3);
  sdk.close();
});
