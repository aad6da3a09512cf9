import { createForwardedClientSigner, forwardedClientHeader } from "@echo/platform";
import { consoleHeaders, startEcho, testLimits } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { call, consoleProcedures, consoleUrl, me } from "../test-console.ts";

const mutations = consoleProcedures.filter(({ type }) => type === "mutation");

describe("only the console's own page", () => {
  const others: [string, Record<string, string | undefined>][] = [
    ["without the header that no form can send", { "x-echo-console": undefined }],
    ["with another value of it", { "x-echo-console": "true" }],
    ["without an Origin", { origin: undefined }],
    ["from another origin", { origin: "https://evil.example" }],
    ["from the same host on another port", { origin: `${consoleUrl}:444` }],
    ["from a listed origin of the API", { origin: "http://localhost:3001" }],
    ["from an opaque origin", { origin: "null" }],
    ["from the same site", { "sec-fetch-site": "same-site" }],
    ["from another site", { "sec-fetch-site": "cross-site" }],
    ["from the address bar", { "sec-fetch-site": "none" }],
  ];

  test.each(others)("changes something: %s it is FORBIDDEN", async (_, change) => {
    await using echo = await startEcho();
    const staff = await echo.staff();
    const headers = Object.fromEntries(
      Object.entries({ ...staff.headers, ...change }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );

    for (const mutation of mutations) {
      expect((await call(echo, mutation, { headers })).error?.data).toMatchObject({ code: "FORBIDDEN" });
    }
    expect((await call(echo, me, { headers: staff.headers })).status).toBe(200);
  });

  test("is judged by its origin alone in a browser that sends no Sec-Fetch-Site", async () => {
    await using echo = await startEcho();
    const { "sec-fetch-site": _, ...headers } = (await echo.staff()).headers;

    expect((await call(echo, { name: "admin.signOut", type: "mutation" }, { headers })).status).toBe(200);
  });

  test.each(["same-site", "cross-site"])("reads: a page of %s is FORBIDDEN", async (site) => {
    await using echo = await startEcho();
    const staff = await echo.staff();

    expect((await call(echo, me, { headers: { ...staff.headers, "sec-fetch-site": site } })).status).toBe(403);
  });

  test.each(["http://localhost:3001", consoleUrl])("is told by no CORS header: %s", async (origin) => {
    await using echo = await startEcho();
    const staff = await echo.staff();

    const answer = await call(echo, me, { headers: { ...staff.headers, origin } });
    const preflight = await fetch(`${echo.apiUrl}/trpc/admin.me`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-echo-console" },
    });

    for (const { headers } of [answer, preflight]) {
      expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });

  test("hides behind no encoding of its address", async () => {
    await using echo = await startEcho();
    const staff = await echo.staff();
    const headers = { ...staff.headers, origin: "http://localhost:3001" };

    for (const name of ["%61dmin.signOut", "admin%2EsignOut", "auth.me,admin.signOut?batch=1"]) {
      const answer = await call(echo, { name, type: "mutation" }, { headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
    expect((await call(echo, me, { headers: staff.headers })).status).toBe(200);
  });
});

describe("a call of the console", () => {
  test("counts on the member of staff, and without a session on the address that the console signed", async () => {
    const user = { name: "user" as const, kind: "bucket" as const, burst: 2, perSecond: 0.001 };
    const anonymous = { name: "anonymous" as const, kind: "fixed" as const, limit: 2, windowMs: 86_400_000 };
    await using echo = await startEcho({ config: { core: { limits: { ...testLimits, user, anonymous } } } });
    const { headers } = await echo.staff();
    const sign = createForwardedClientSigner({ secret: echo.core.config.secret, clock: echo.core.clock });
    const from = (value: string) => ({ ...consoleHeaders(consoleUrl), [forwardedClientHeader]: value });

    for (let n = 0; n < 2; n += 1) expect((await call(echo, me, { headers })).status).toBe(200);
    expect((await call(echo, me, { headers })).error?.data).toMatchObject({ limiter: "user" });

    for (let n = 0; n < 2; n += 1)
      expect((await call(echo, me, { headers: from(sign("198.51.100.1")) })).status).toBe(401);
    expect((await call(echo, me, { headers: from(sign("198.51.100.1")) })).error?.data).toMatchObject({
      limiter: "anonymous",
    });
    expect((await call(echo, me, { headers: from(sign("198.51.100.2")) })).status).toBe(401);
  });

  test("believes no address that nobody signed", async () => {
    const anonymous = { name: "anonymous" as const, kind: "fixed" as const, limit: 2, windowMs: 86_400_000 };
    await using echo = await startEcho({ config: { core: { limits: { ...testLimits, anonymous } } } });
    const sign = createForwardedClientSigner({ secret: new Uint8Array(32).fill(9), clock: echo.core.clock });
    const forged = (n: number) => ({
      ...consoleHeaders(consoleUrl),
      "x-forwarded-for": `198.51.100.${n}`,
      [forwardedClientHeader]: sign(`198.51.100.${n}`),
    });

    expect([
      (await call(echo, me, { headers: forged(1) })).status,
      (await call(echo, me, { headers: forged(2) })).status,
      (await call(echo, me, { headers: forged(3) })).status,
    ]).toEqual([401, 401, 429]);
  });
});
