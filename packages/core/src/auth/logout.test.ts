import { createTestDatabase } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { ada, caller, createAuthTestCore, lightArgon2 } from "./auth-test-core.ts";
import { SessionEndedError } from "./authenticate.ts";
import { logout } from "./logout.ts";
import { mintSession } from "./mint-session.ts";
import { register } from "./register.ts";
import { stepUp } from "./step-up.ts";

const light = { config: { argon2: lightArgon2 } };

/** Ada on three devices, and somebody else. */
async function threeDevices(url: string) {
  const test = await createAuthTestCore(url, light);
  const laptop = await register(test.core, caller, ada);
  const phone = await mintSession(test.core, laptop.user.userId);
  const tablet = await mintSession(test.core, laptop.user.userId);
  const eve = await register(test.core, caller, { ...ada, email: "eve@example.test" });
  const lives = async ({ accessToken }: { accessToken: string }) => {
    try {
      return (await test.actorOf(accessToken)) !== null;
    } catch (error) {
      if (error instanceof SessionEndedError) return false;
      throw error;
    }
  };
  const living = async () => {
    const all = { laptop, phone, tablet, eve };
    const answers = await Promise.all(
      Object.entries(all).map(async ([name, auth]) => ((await lives(auth)) ? name : "")),
    );
    return answers.filter((name) => name !== "");
  };
  return { ...test, laptop, living, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const tokensLeft = { where: { revokedAt: null } };

describe("each scope ends its sessions and no more", () => {
  test.each([
    { scope: "this", left: ["phone", "tablet", "eve"], ended: 1, deviceTokens: 4 },
    { scope: "others", left: ["laptop", "eve"], ended: 2, deviceTokens: 2 },
    { scope: "all", left: ["eve"], ended: 3, deviceTokens: 2 },
  ] as const)("$scope", async ({ scope, left, ended, deviceTokens }) => {
    await using database = await createTestDatabase();
    await using test = await threeDevices(database.url);
    expect(await test.living()).toEqual(["laptop", "phone", "tablet", "eve"]);
    const actor = await test.actorOf(test.laptop.accessToken);

    await expect(logout(test.core, actor, { scope })).resolves.toEqual({});

    expect(await test.living()).toEqual(left);
    const { prisma } = database.db;
    expect(await prisma.deviceToken.count(tokensLeft)).toBe(deviceTokens);
    expect(await prisma.securityEvent.findMany()).toMatchObject([
      { type: "logout", userId: actor.userId, data: { scope, sessions: ended, sessionId: actor.sessionId } },
    ]);
  });

  test("twice: the second finds nothing to end", async () => {
    await using database = await createTestDatabase();
    await using test = await threeDevices(database.url);
    const actor = await test.actorOf(test.laptop.accessToken);
    const calls = [logout(test.core, actor, { scope: "this" }), logout(test.core, actor, { scope: "this" })];
    await expect(Promise.all(calls)).resolves.toEqual([{}, {}]);
    expect(await test.living()).toEqual(["phone", "tablet", "eve"]);
  });
});

describe("step-up", () => {
  test.each(["others", "all"] as const)("%s wants a password proven within 10 minutes", async (scope) => {
    await using database = await createTestDatabase();
    await using test = await threeDevices(database.url);
    test.clock.advance(10 * 60_000 + 1_000);
    const stale = await test.actorOf(test.laptop.accessToken);

    await expect(logout(test.core, stale, { scope })).rejects.toMatchObject({ code: "STEP_UP_REQUIRED" });
    expect(await test.living()).toEqual(["laptop", "phone", "tablet", "eve"]);

    const { accessToken } = await stepUp(test.core, stale, { password: ada.password });
    await expect(logout(test.core, await test.actorOf(accessToken), { scope })).resolves.toEqual({});
  });

  test("this one's end wants none", async () => {
    await using database = await createTestDatabase();
    await using test = await threeDevices(database.url);
    test.clock.advance(11 * 60_000);
    const stale = await test.actorOf(test.laptop.accessToken);
    await expect(logout(test.core, stale, { scope: "this" })).resolves.toEqual({});
  });
});

test("another process refuses the session with the next call, although it had kept it", async () => {
  await using database = await createTestDatabase();
  await using test = await threeDevices(database.url);
  await using other = await createAuthTestCore(database.url, { ...light, clock: test.clock });
  // Until it is served from memory: the row may change unseen for a moment.
  await expect
    .poll(async () => {
      await other.actorOf(test.laptop.accessToken);
      return other.core.bus.heartbeatAgeMs();
    })
    .toBeLessThan(2_000);
  await other.actorOf(test.laptop.accessToken);

  await logout(test.core, await test.actorOf(test.laptop.accessToken), { scope: "this" });

  await expect
    .poll(() => other.actorOf(test.laptop.accessToken).catch((error: unknown) => error), { timeout: 200, interval: 10 })
    .toBeInstanceOf(SessionEndedError);
});
