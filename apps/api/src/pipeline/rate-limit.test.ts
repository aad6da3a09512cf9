import { type LimitPolicies, systemIds } from "@echo/platform";
import { type Echo, startEcho, type TestConfig, testLimits } from "@echo/testing";
import { describe, expect, test } from "vitest";

/** So long that no test meets the end of a window, which is aligned to the clock. */
const windowMs = 86_400_000;
const anonymous = (limit: number) => ({ name: "anonymous" as const, kind: "fixed" as const, limit, windowMs });
const ipCeiling = (limit: number) => ({ name: "ipCeiling" as const, kind: "fixed" as const, limit, windowMs });
const user = (burst: number) => ({ name: "user" as const, kind: "bucket" as const, burst, perSecond: 0.001 });

const echoWith = (limits: Partial<LimitPolicies>, api: TestConfig["api"] = {}) =>
  startEcho({ config: { core: { limits: { ...testLimits, ...limits } }, api } });

const ask = (echo: Echo, path = "/trpc/users.profile.me", headers: Record<string, string> = {}) =>
  fetch(echo.apiUrl + path, { headers });

async function asAda(echo: Echo, path = "/trpc/users.profile.me"): Promise<Response> {
  const { accessToken } = await echo.user("ada");
  return ask(echo, path, { authorization: `Bearer ${accessToken}` });
}

const statuses = async (responses: Promise<Response>[]) => (await Promise.all(responses)).map(({ status }) => status);

describe("the anonymous window", () => {
  test("lets its number through, then names itself and says when to come back", async () => {
    await using echo = await echoWith({ anonymous: anonymous(3) });
    const first = await ask(echo);
    await ask(echo);
    await ask(echo);

    const fourth = await ask(echo);

    expect(first.status).toBe(401);
    expect(first.headers.get("ratelimit-limit")).toBe("3");
    expect(first.headers.get("ratelimit-remaining")).toBe("2");
    expect(Number(first.headers.get("ratelimit-reset"))).toBeGreaterThan(0);
    expect(fourth.status).toBe(429);
    const { error } = (await fourth.json()) as { error: { data: { retryAfterMs: number } } };
    expect(error.data).toMatchObject({ code: "TOO_MANY_REQUESTS", limiter: "anonymous" });
    expect(Number(fourth.headers.get("retry-after"))).toBe(Math.ceil(error.data.retryAfterMs / 1_000));
    expect(fourth.headers.get("ratelimit-remaining")).toBe("0");
  });

  test("of 40 at once lets exactly its number through", async () => {
    await using echo = await echoWith({ anonymous: anonymous(7) });

    const answers = await statuses(Array.from({ length: 40 }, () => ask(echo)));

    expect(answers.filter((status) => status !== 429)).toHaveLength(7);
  });

  test("counts a token that is none", async () => {
    await using echo = await echoWith({ anonymous: anonymous(2) });
    const bad = { authorization: "Bearer not.a.token" };

    const answers = [];
    for (let n = 0; n < 3; n += 1) answers.push((await ask(echo, undefined, bad)).status);

    expect(answers).toEqual([401, 401, 429]);
  });

  test("counts what is not there, and every call of a batch", async () => {
    await using echo = await echoWith({ anonymous: anonymous(10) });

    expect((await ask(echo, "/nope")).headers.get("ratelimit-remaining")).toBe("9");
    expect((await ask(echo, "/trpc/a,b,c,d?batch=1")).headers.get("ratelimit-remaining")).toBe("5");
    expect((await ask(echo, "/trpc/a,b,c,d,e,f?batch=1")).status).toBe(429);
    expect((await ask(echo, "/trpc/a,b,c,d,e?batch=1")).headers.get("ratelimit-remaining")).toBe("0");
  });

  test("does not count probes, keys and preflights", async () => {
    await using echo = await echoWith({ anonymous: anonymous(1), ipCeiling: ipCeiling(2) });
    const preflight = () =>
      fetch(`${echo.apiUrl}/trpc/auth.me`, {
        method: "OPTIONS",
        headers: { origin: "http://localhost:5173", "access-control-request-method": "GET" },
      });

    for (const path of ["/health", "/ready", "/.well-known/jwks.json"]) {
      expect(await statuses([ask(echo, path), ask(echo, path)])).toEqual([200, 200]);
    }
    expect(await statuses([preflight(), preflight(), preflight()])).toEqual([204, 204, 204]);
    expect((await ask(echo)).status).toBe(401);
  });

  test("refuses before the body is read and before anything is written", async () => {
    await using echo = await echoWith({ anonymous: anonymous(1) });
    await ask(echo);
    const email = `${systemIds.uuid()}@example.org`;

    const refused = await fetch(`${echo.apiUrl}/trpc/auth.register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password: "correct horse battery staple" }),
    });

    expect(refused.status).toBe(429);
    expect(await echo.db.prisma.user.count({ where: { email } })).toBe(0);
  });
});

describe("whose address it is", () => {
  test("a forged X-Forwarded-For gives nobody a window of his own", async () => {
    await using echo = await echoWith({ anonymous: anonymous(2) });

    const answers = [];
    for (let n = 0; n < 3; n += 1)
      answers.push((await ask(echo, "/nope", { "x-forwarded-for": `10.0.0.${n}` })).status);

    expect(answers).toEqual([404, 404, 429]);
  });

  test("behind a trusted proxy each client counts by itself, an IPv6 one by its /64", async () => {
    await using echo = await echoWith({ anonymous: anonymous(1) }, { trustedProxies: ["127.0.0.1"] });
    const from = async (address: string) => (await ask(echo, "/nope", { "x-forwarded-for": address })).status;

    expect(await from("198.51.100.1")).toBe(404);
    expect(await from("198.51.100.2")).toBe(404);
    expect(await from("6.6.6.6, 198.51.100.2")).toBe(429);
    expect(await from("2001:db8:1:1::1")).toBe(404);
    expect(await from("2001:db8:1:1:ffff::2")).toBe(429);
    expect(await from("2001:db8:1:2::1")).toBe(404);
  });
});

describe("the user's bucket", () => {
  test("is a person's own, and leaves the anonymous window alone", async () => {
    await using echo = await echoWith({ anonymous: anonymous(1), user: user(2) });
    const ada = [await asAda(echo), await asAda(echo), await asAda(echo)];
    const { accessToken } = await echo.user("bob");

    const bob = await ask(echo, undefined, { authorization: `Bearer ${accessToken}` });

    expect(ada.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(await ada[2]?.json()).toMatchObject({
      error: { data: { limiter: "user", retryAfterMs: expect.any(Number) } },
    });
    expect(bob.status).toBe(200);
    expect((await ask(echo)).status).toBe(401);
  });

  test("counts every call of a batch, and refuses the batch that is too large for it as a whole", async () => {
    await using echo = await echoWith({ user: user(5) });

    const three = await asAda(echo, `/trpc/${Array(3).fill("users.profile.me").join(",")}?batch=1`);
    const threeMore = await asAda(echo, `/trpc/${Array(3).fill("users.profile.me").join(",")}?batch=1`);

    expect(three.headers.get("ratelimit-remaining")).toBe("2");
    expect(threeMore.status).toBe(429);
    expect((await asAda(echo)).status).toBe(200);
  });
});

test("the ceiling of an address counts everything, before any token is looked at", async () => {
  await using echo = await echoWith({ ipCeiling: ipCeiling(2) });
  await asAda(echo);
  await ask(echo);

  const third = await asAda(echo);

  expect(third.status).toBe(429);
  expect(await third.json()).toMatchObject({ error: { data: { limiter: "ipCeiling" } } });
});

test("a procedure's own policy says when to come back too", async () => {
  const send = { name: "send" as const, kind: "bucket" as const, burst: 1, perSecond: 0.01 };
  await using echo = await echoWith({ send });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { accessToken } = await echo.user("ada");
  const post = (n: number) =>
    fetch(`${echo.apiUrl}/trpc/messages.send`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ conversationId, clientMessageId: String(n), type: "text", content: { text: "x" } }),
    });
  await post(1);

  const second = await post(2);

  expect(second.status).toBe(429);
  const { error } = (await second.json()) as { error: { data: { retryAfterMs: number } } };
  expect(error.data).toMatchObject({ limiter: "send" });
  expect(second.headers.get("retry-after")).toBe(String(Math.ceil(error.data.retryAfterMs / 1_000)));
});
