import { defaultLifetimes } from "@echo/platform";
import { refusal, startEcho, testPassword } from "@echo/testing";
import { describe, expect, test } from "vitest";

const address = () => `${crypto.randomUUID()}@example.org`;

describe("auth.register", () => {
  test("makes an account that is signed in", async () => {
    await using echo = await startEcho();
    const email = address();

    const result = await echo.anonymous().auth.register.mutate({ email, password: testPassword, displayName: "Ada" });

    expect(result.user).toMatchObject({ email, emailVerified: false, profile: { displayName: "Ada" } });
    expect(result.session.current).toBe(true);
  });

  test.each([
    ["an address without @", { email: "ada.example.org", password: testPassword }],
    ["a short password", { email: "ada@example.org", password: "short" }],
    ["a phone that is none", { email: "ada@example.org", password: testPassword, phone: "12" }],
    ["a NUL", { email: "ada@example.org", password: "with\0nul and more" }],
  ])("refuses %s", async (_what, input) => {
    await using echo = await startEcho();

    await expect(echo.anonymous().auth.register.mutate(input)).rejects.toEqual(refusal("BAD_REQUEST"));
  });

  test("of 8 at once with one address one is made, and the others are CONFLICT", async () => {
    await using echo = await startEcho();
    const input = { email: address(), password: testPassword };

    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => echo.anonymous().auth.register.mutate(input)),
    );

    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const each of tries) if (each.status === "rejected") expect(each.reason).toEqual(refusal("CONFLICT"));
  });
});

describe("auth.login", () => {
  test("signs in with the password", async () => {
    await using echo = await startEcho();
    const { email, userId } = await echo.user("ada");

    const { user } = await echo.anonymous().auth.login.mutate({ email, password: testPassword });

    expect(user.userId).toBe(userId);
  });

  test("a wrong password and an unknown address are answered alike", async () => {
    await using echo = await startEcho();
    const { email } = await echo.user("ada");
    const { login } = echo.anonymous().auth;

    const wrong = await login.mutate({ email, password: "not the password" }).catch((error: Error) => error);
    const unknown = await login
      .mutate({ email: address(), password: "not the password" })
      .catch((error: Error) => error);

    expect(wrong).toEqual(refusal("UNAUTHORIZED"));
    expect((unknown as Error).message).toBe((wrong as Error).message);
  });
});

describe("auth.refresh", () => {
  test("gives the next pair of tokens, and ten at once give the same one", async () => {
    await using echo = await startEcho();
    const { refreshToken } = await echo.user("ada");

    const results = await Promise.all(
      Array.from({ length: 10 }, () => echo.anonymous().auth.refresh.mutate({ refreshToken })),
    );

    expect(new Set(results.map((result) => result.refreshToken)).size).toBe(1);
    expect(results[0]?.refreshToken).not.toBe(refreshToken);
  });

  test("refuses a token that nobody was given", async () => {
    await using echo = await startEcho();

    await expect(echo.anonymous().auth.refresh.mutate({ refreshToken: "A".repeat(43) })).rejects.toEqual(
      refusal("UNAUTHORIZED"),
    );
  });

  test("works beside an access token that has expired: public procedures look at none", async () => {
    await using echo = await startEcho();
    const { refreshToken } = await echo.user("ada");
    const response = await fetch(`${echo.apiUrl}/trpc/auth.refresh`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer expired.and.gone" },
      body: JSON.stringify({ refreshToken }),
    });

    expect(response.status).toBe(200);
  });
});

describe("auth.logout", () => {
  test("ends the session for the next call, without an input too", async () => {
    await using echo = await startEcho();
    const ada = echo.as("ada");

    expect(await ada.auth.logout.mutate()).toEqual({});

    await expect.poll(() => ada.auth.me.query().catch((error: unknown) => error)).toEqual(refusal("UNAUTHORIZED"));
  });

  test("of all needs a proof of the password that is not older than 10 minutes", async () => {
    await using echo = await startEcho({ config: { core: { lifetimes: shortStepUp } } });
    const ada = echo.as("ada");
    await ada.auth.me.query();

    await expect
      .poll(() => ada.auth.logout.mutate({ scope: "all" }).catch((error: unknown) => error))
      .toEqual(refusal("STEP_UP_REQUIRED"));
  });

  test("refuses a scope that is none", async () => {
    await using echo = await startEcho();

    await expect(echo.as("ada").auth.logout.mutate({ scope: "some" as never })).rejects.toEqual(refusal("BAD_REQUEST"));
  });
});

const shortStepUp = { ...defaultLifetimes, stepUpMs: 1 };

describe("auth.stepUp", () => {
  test("gives a token whose auth_time is now", async () => {
    await using echo = await startEcho();
    const before = Date.now();

    const { expiresAt } = await echo.as("ada").auth.stepUp.mutate({ password: testPassword });

    expect(Date.parse(expiresAt)).toBeGreaterThan(before);
  });

  test("with a wrong password is UNAUTHORIZED", async () => {
    await using echo = await startEcho();

    await expect(echo.as("ada").auth.stepUp.mutate({ password: "not the password" })).rejects.toEqual(
      refusal("UNAUTHORIZED"),
    );
  });
});

test("auth.me tells the account and the session", async () => {
  await using echo = await startEcho();
  const { userId, email, session } = await echo.user("ada");

  const me = await echo.as("ada").auth.me.query();

  expect(me).toMatchObject({ userId, email, factors: [], phone: null, session: { id: session.id, current: true } });
});
