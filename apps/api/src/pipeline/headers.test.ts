import { startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";

const everywhere = [
  "/trpc/auth.me",
  "/trpc/nothing",
  "/health",
  "/ready",
  "/.well-known/jwks.json",
  "/nope",
  "/trpc/%zz",
];

describe("security headers", () => {
  test.each(everywhere)("stand on %s", async (path) => {
    await using echo = await startEcho();

    const { headers } = await fetch(echo.apiUrl + path);

    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "x-xss-protection": "0",
      "x-api-version": "1",
      "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    for (const name of ["server", "x-powered-by", "strict-transport-security", "access-control-allow-credentials"]) {
      expect(headers.get(name)).toBeNull();
    }
  });

  test("HSTS stands where a trusted proxy says that the page came by TLS, and nowhere else", async () => {
    await using behind = await startEcho({ config: { api: { trustedProxies: ["127.0.0.1"] } } });
    await using open = await startEcho();
    const ask = (url: string, proto: string) => fetch(`${url}/health`, { headers: { "x-forwarded-proto": proto } });

    const name = "strict-transport-security";
    expect((await ask(behind.apiUrl, "https")).headers.get(name)).toBe("max-age=63072000; includeSubDomains");
    expect((await ask(behind.apiUrl, "http")).headers.get(name)).toBeNull();
    expect((await ask(open.apiUrl, "https")).headers.get(name)).toBeNull();
  });
});

test("nothing is kept by caches but the public keys", async () => {
  await using echo = await startEcho();
  const caching = async (path: string) => (await fetch(echo.apiUrl + path)).headers.get("cache-control");

  expect(await caching("/.well-known/jwks.json")).toBe("public, max-age=30");
  for (const path of ["/trpc/auth.me", "/trpc/auth.login", "/health", "/nope", "/trpc/%zz"]) {
    expect(await caching(path)).toBe("no-store");
  }
});

describe("ids", () => {
  test.each(["abc", "A-z_0", "x".repeat(64)])("%s from outside is kept", async (id) => {
    await using echo = await startEcho();
    const headers = { "x-request-id": id, "x-correlation-id": `c-${id.slice(2)}` };

    const answer = await fetch(`${echo.apiUrl}/trpc/nothing`, { headers });

    expect(answer.headers.get("x-request-id")).toBe(id);
    expect(answer.headers.get("x-correlation-id")).toBe(`c-${id.slice(2)}`);
    expect(await answer.json()).toMatchObject({ error: { data: { requestId: id } } });
  });

  test.each(["", "x".repeat(65), "a b", "a/b", "a,b", "é", "{}"])("%j from outside is replaced", async (id) => {
    await using echo = await startEcho();

    const answer = await fetch(`${echo.apiUrl}/health`, { headers: { "x-request-id": id, "x-correlation-id": id } });

    const requestId = answer.headers.get("x-request-id");
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get("x-correlation-id")).toBe(requestId);
  });
});

describe("CORS", () => {
  const page = "http://localhost:5173";
  const preflight = (url: string, origin: string) =>
    fetch(`${url}/trpc/messages.send`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });

  test("a listed page may read answers, their limits and ids", async () => {
    await using echo = await startEcho();

    const { headers } = await fetch(`${echo.apiUrl}/health`, { headers: { origin: page } });

    expect(headers.get("access-control-allow-origin")).toBe(page);
    expect(headers.get("vary")).toContain("Origin");
    const exposed = headers.get("access-control-expose-headers");
    for (const name of ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "X-Request-ID"]) {
      expect(exposed).toContain(name);
    }
  });

  test("a listed page's preflight says what may be sent", async () => {
    await using echo = await startEcho();

    const answer = await preflight(echo.apiUrl, page);

    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": page,
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": expect.stringContaining("authorization"),
      "access-control-max-age": "7200",
    });
  });

  test.each([
    "https://evil.example",
    "http://localhost.evil.example",
    "http://evil.example/http://localhost:5173",
    "null",
    "http://localhost:5173@evil.example",
    "http://LOCALHOST:5173",
  ])("an unlisted page (%s) gets no header, and its request runs", async (origin) => {
    await using echo = await startEcho();

    const plain = await fetch(`${echo.apiUrl}/health`, { headers: { origin } });
    const asked = await preflight(echo.apiUrl, origin);

    expect(plain.status).toBe(200);
    for (const { headers } of [plain, asked]) {
      expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });

  test("a refusal carries the headers too, so that a page can read why", async () => {
    await using echo = await startEcho();

    const refused = await fetch(`${echo.apiUrl}/trpc/auth.me`, { headers: { origin: page } });

    expect(refused.status).toBe(401);
    expect(refused.headers.get("access-control-allow-origin")).toBe(page);
  });
});

test("answers of 1 KiB and more are compressed for those who can read it", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { accessToken } = await echo.user("ada");
  const words = { conversationId, type: "text" as const, content: { text: "hello ".repeat(500) } };
  await echo.as("ada").messages.send.mutate({ ...words, clientMessageId: "1" });
  const url = `${echo.apiUrl}/trpc/messages.list?input=${encodeURIComponent(JSON.stringify({ conversationId }))}`;
  const ask = (encoding: string) =>
    fetch(url, { headers: { authorization: `Bearer ${accessToken}`, "accept-encoding": encoding } });

  const [brotli, gzip, plain] = await Promise.all([ask("br"), ask("gzip"), ask("identity")]);

  expect(brotli.headers.get("content-encoding")).toBe("br");
  expect(gzip.headers.get("content-encoding")).toBe("gzip");
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(await gzip.text()).toBe(await plain.text());
  expect(gzip.headers.get("vary")).toMatch(/accept-encoding/i);
});
