import { type Echo, refusal, startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";

const own = { nodes: 1 };

async function breakMessages(echo: Echo): Promise<void> {
  await echo.db.prisma.$executeRawUnsafe("ALTER TABLE messages.messages RENAME TO secret_name");
}

test("an error that nobody foresaw is INTERNAL: no name, no query and no stack leave the process", async () => {
  await using echo = await startEcho(own);
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { accessToken } = await echo.user("ada");
  await breakMessages(echo);
  const url = `${echo.apiUrl}/trpc/messages.list?input=${encodeURIComponent(JSON.stringify({ conversationId }))}`;

  const answer = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });

  expect(answer.status).toBe(500);
  const requestId = answer.headers.get("x-request-id");
  const message = "Internal server error";
  expect(await answer.json()).toEqual({
    error: { message, code: -32603, data: { code: "INTERNAL", message, requestId } },
  });
});

describe("without a database", () => {
  test("calls are UNAVAILABLE, and probes say so", async () => {
    await using echo = await startEcho(own);
    const ada = echo.as("ada");
    await echo.user("ada");
    const internalUrl = echo.nodes[0]?.api.internalUrl;
    await echo.core.db.close();

    await expect(ada.conversations.list.query()).rejects.toEqual(refusal("UNAVAILABLE"));
    const [ready, details, live] = await Promise.all(
      [`${echo.apiUrl}/ready`, `${internalUrl}/ready`, `${echo.apiUrl}/health`].map((url) => fetch(url)),
    );
    expect(ready?.status).toBe(503);
    expect(await ready?.json()).not.toHaveProperty("checks");
    expect(await details?.json()).toMatchObject({
      status: "unhealthy",
      checks: { database: { status: "down", error: expect.any(String) }, cache: { status: "up" } },
    });
    expect(live?.status).toBe(200);
  });
});

test("probes of a healthy node have the shapes of the design", async () => {
  await using echo = await startEcho();
  const facts = { timestamp: expect.stringMatching(/Z$/), service: "api", version: expect.stringMatching(/^\d/) };
  const up = { status: "up", latencyMs: expect.any(Number) };
  const json = async (url: string) => (await fetch(url)).json();

  expect(await json(`${echo.apiUrl}/health`)).toEqual({ status: "healthy", ...facts });
  expect(await json(`${echo.apiUrl}/ready`)).toEqual({ status: "healthy", ...facts });
  expect(await json(`${echo.nodes[0]?.api.internalUrl}/ready`)).toEqual({
    status: "healthy",
    ...facts,
    checks: { database: up, cache: up, bus: up },
  });
});

test("the public keys verify what was signed, and nothing private is among them", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  const { kid } = JSON.parse(Buffer.from(accessToken.split(".")[0] ?? "", "base64url").toString()) as { kid: string };

  const answer = await fetch(`${echo.apiUrl}/.well-known/jwks.json`);

  expect(answer.headers.get("content-type")).toMatch(/^application\/jwk-set\+json/);
  const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
  expect(keys).toContainEqual(expect.objectContaining({ kid, kty: "OKP", crv: "Ed25519", use: "sig" }));
  for (const key of keys) expect(key).not.toHaveProperty("d");
});

test("a stop lets the call that runs finish and takes no new one", async () => {
  const echo = await startEcho(own);
  const { conversationId } = await echo.conversationOf("ada", "bob");
  await echo.as("bob").messages.markRead.mutate({ conversationId, seq: 0 });
  const { apiUrl } = echo;
  // Marks are collected for 250 ms: this one is in the middle of its call when the stop begins.
  const running = echo.as("bob").messages.markRead.mutate({ conversationId, seq: 0 });
  const api = echo.nodes[0]?.api;
  await expect.poll(() => fetch(`${apiUrl}/health`).then(({ status }) => status)).toBe(200);

  const closed = api?.close();

  expect(await running).toMatchObject({ lastReadSeq: 0 });
  await closed;
  await expect(fetch(`${apiUrl}/health`)).rejects.toThrow("fetch failed");
  await echo[Symbol.asyncDispose]();
});

test("a call that takes longer than a request may is TIMEOUT", async () => {
  await using echo = await startEcho({ config: { api: { timeouts: { headersMs: 500, requestMs: 500 } } } });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const ada = echo.as("ada");
  let letGo = () => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isLocked = false;
  const holding = echo.db.transaction(async (tx) => {
    await tx.prisma.$executeRaw`SELECT FROM messages.conversations WHERE id = ${conversationId}::uuid FOR UPDATE`;
    isLocked = true;
    await released;
  });
  await expect.poll(() => isLocked).toBe(true);
  const sent = ada.messages.send.mutate({ conversationId, clientMessageId: "1", type: "text", content: { text: "x" } });

  await expect(sent).rejects.toEqual(refusal("TIMEOUT"));
  letGo();
  await holding;
});
