import { AuthResult } from "@echo/contracts";
import { createLimitPolicies } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { describe, expect, test } from "vitest";
import type { Core } from "../core.ts";
import type { HashRequest, Passwords } from "../ports.ts";
import { ada, caller, createAuthTestCore, lightArgon2, password, refusedLogin } from "./auth-test-core.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { mintSession } from "./mint-session.ts";
import { createPasswords } from "./passwords.ts";
import { register } from "./register.ts";

const light = { config: { argon2: lightArgon2 } };

/** The same Core, which counts what is hashed; `before` runs ahead of each verification. */
function watched(core: Core, after?: () => Promise<unknown>) {
  const calls: { kind: "hash" | "verify"; request: HashRequest; isNobody?: boolean }[] = [];
  const { passwords } = core.ports;
  const counting: Passwords = {
    hash(plain, request) {
      calls.push({ kind: "hash", request });
      return passwords.hash(plain, request);
    },
    async verify(plain, stored, request) {
      calls.push({ kind: "verify", request, isNobody: stored === null });
      const verdict = await passwords.verify(plain, stored, request);
      await after?.();
      return verdict;
    },
  };
  return { core: { ...core, ports: { ...core.ports, passwords: counting } }, calls };
}

describe("signing in", () => {
  test("with the product's own parameters opens a session of its own", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url);
    const registered = await register(test.core, caller, ada);

    const result = await login(test.core, caller, { ...ada, device: { platform: "ios" } });

    expect(AuthResult.parse(result)).toEqual(result);
    expect(result.user).toEqual(registered.user);
    expect(result.session.id).not.toBe(registered.session.id);
    expect(result.session.device).toMatchObject({ platform: "ios" });
    await expect(test.actorOf(registered.accessToken)).resolves.toBeDefined();
    await expect(test.actorOf(result.accessToken)).resolves.toMatchObject({ sessionId: result.session.id });
    const [last] = await database.db.prisma.loginHistory.findMany({ orderBy: { id: "desc" }, take: 1 });
    expect(last).toMatchObject({ result: "success", reason: null, sessionId: result.session.id, ip: caller.ip });
  });

  test("works with every spelling of the address and of the password", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    await register(test.core, caller, { email: "ada@bücher.example", password: "café français" });

    const spelled = { email: "ADA@xn--bcher-kva.example", password: "cafe\u0301 franc\u0327ais" };
    await expect(login(test.core, caller, spelled)).resolves.toBeDefined();
  });

  test("keeps at most ten sessions: the oldest ends, whoever signs in at once", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    const first = await register(test.core, caller, ada);
    await test.actorOf(first.accessToken);
    test.clock.advance(1_000);

    const opened = await Promise.all(Array.from({ length: 12 }, () => mintSession(test.core, first.user.userId)));

    expect(await database.db.prisma.session.count({ where: { revokedAt: null } })).toBe(10);
    await expect(test.actorOf(first.accessToken)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    const answers = await Promise.allSettled(opened.map(({ accessToken }) => test.actorOf(accessToken)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    const ended = await database.db.prisma.securityEvent.findMany({ where: { type: "session_limit" } });
    expect(ended).toHaveLength(3);
    expect(ended.map(({ data }) => data)).toContainEqual({ sessionId: first.session.id });
  });
});

describe("refused alike", () => {
  test("a wrong password, an unknown, a password-less and a suspended account cost one verification each", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    for (const name of ["known", "passwordless", "suspended"]) {
      await register(test.core, caller, { ...ada, email: `${name}@example.test` });
    }
    const { prisma } = database.db;
    await prisma.user.updateMany({ where: { email: { startsWith: "passwordless" } }, data: { passwordHash: null } });
    await prisma.user.updateMany({ where: { email: { startsWith: "suspended" } }, data: { status: "suspended" } });
    await prisma.loginHistory.deleteMany();
    const { core, calls } = watched(test.core);

    const attempts = [
      { email: "known@example.test", password: "a wrong password" },
      { email: "unknown@example.test", password },
      { email: "passwordless@example.test", password },
      { email: "suspended@example.test", password },
    ];
    for (const attempt of attempts) {
      await expect(login(core, caller, attempt)).rejects.toMatchObject(refusedLogin);
    }

    expect(calls.map(({ kind, isNobody }) => [kind, isNobody])).toEqual([
      ["verify", false],
      ["verify", true],
      ["verify", true],
      ["verify", true],
    ]);
    await expect.poll(() => prisma.loginHistory.count()).toBe(3);
    const records = await prisma.loginHistory.findMany({ orderBy: { id: "asc" } });
    expect(records.map(({ result, reason, sessionId }) => [result, reason, sessionId])).toEqual([
      ["failure", "wrong_password", null],
      ["failure", "no_password", null],
      ["failure", "suspended", null],
    ]);
    expect(await prisma.session.count()).toBe(3);
  });

  test("a deleted account is unknown", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    const { accessToken } = await register(test.core, caller, ada);
    await database.db.prisma.user.updateMany({ data: { deletedAt: new Date() } });

    await expect(login(test.core, caller, ada)).rejects.toMatchObject(refusedLogin);
    await expect(test.actorOf(accessToken)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("an address that is none: BAD_REQUEST, and nothing is hashed", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    const { core, calls } = watched(test.core);

    const attempt = login(core, caller, { email: "ada@example.test.", password });
    await expect(attempt).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect(calls).toEqual([]);
  });

  test("a flood from one network: TOO_MANY_REQUESTS says when to come back, others get in", async () => {
    await using database = await createTestDatabase();
    const limits = createLimitPolicies({ hashing: { places: 8, perIp: 1 } });
    await using test = await createAuthTestCore(database.url, { config: { limits } });
    await register(test.core, caller, ada);

    const flood = Promise.allSettled(
      Array.from({ length: 8 }, () =>
        login(test.core, { ...caller, ip: "203.0.113.9" }, { ...ada, password: "guess" }),
      ),
    );
    await expect(login(test.core, caller, ada)).resolves.toBeDefined();
    const reasons = (await flood).flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    const refused = reasons.filter(({ code }) => code === "TOO_MANY_REQUESTS");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ limiter: "hashing", retryAfterMs: expect.any(Number) });
  });
});

describe("a device token", () => {
  test("makes a request one of a known device, for its own account and while it is valid", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    const { deviceToken } = await register(test.core, caller, ada);
    const eve = await register(test.core, caller, { ...ada, email: "eve@example.test" });
    const { core, calls } = watched(test.core);
    const isKnown = async (attempt: { email?: string; deviceToken?: string }) => {
      await login(core, caller, { ...ada, ...attempt });
      return calls.at(-1)?.request.hasDeviceToken;
    };

    expect(await isKnown({})).toBe(false);
    expect(await isKnown({ deviceToken })).toBe(true);
    expect(await isKnown({ deviceToken: "unknown" })).toBe(false);
    expect(await isKnown({ deviceToken: eve.deviceToken })).toBe(false);
    expect(await isKnown({ email: "eve@example.test", deviceToken })).toBe(false);
    test.clock.advance(180 * 86_400_000);
    expect(await isKnown({ deviceToken })).toBe(false);
  });

  test("is told to no one but its owner: an unknown address with it answers as ever", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    const { deviceToken } = await register(test.core, caller, ada);

    const attempt = login(test.core, caller, { email: "unknown@example.test", password, deviceToken });
    await expect(attempt).rejects.toMatchObject(refusedLogin);
  });

  test("stays valid for its own device through a logout, and is void after the others' logout", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    const mine = await register(test.core, caller, ada);
    const theirs = await login(test.core, caller, ada);
    await logout(test.core, await test.actorOf(mine.accessToken), { scope: "all" });
    const { core, calls } = watched(test.core);

    await login(core, caller, { ...ada, deviceToken: mine.deviceToken });
    await login(core, caller, { ...ada, deviceToken: theirs.deviceToken });
    expect(calls.map(({ request }) => request.hasDeviceToken)).toEqual([true, false]);
  });
});

describe("the stored hash", () => {
  test("is renewed when its parameters are weaker than today's", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    await register(test.core, caller, ada);
    const stronger = { ...lightArgon2, memoryKib: 128 };
    await using later = await createAuthTestCore(database.url, { config: { argon2: stronger } });

    await login(later.core, caller, ada);

    const { passwordHash } = await database.db.prisma.user.findFirstOrThrow();
    expect(passwordHash).toContain("m=128,t=1,p=1");
    const { core, calls } = watched(later.core);
    await expect(login(core, caller, ada)).resolves.toBeDefined();
    expect(calls.map(({ kind }) => kind)).toEqual(["verify"]);
  });

  test("of two sign-ins that renew it at once both succeed", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    await register(test.core, caller, ada);
    await using later = await createAuthTestCore(database.url, {
      config: { argon2: { ...lightArgon2, memoryKib: 128 } },
    });

    const results = await Promise.allSettled([1, 2, 3].map(() => login(later.core, caller, ada)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  });

  test("that is replaced while a password is verified ends that sign-in", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, light);
    const { clock } = test;
    await register(test.core, caller, ada);
    const passwords = createPasswords({ argon2: lightArgon2, queue: { places: 8, perIp: 8 }, clock });
    const passwordHash = await passwords.hash("a new password", { ip: caller.ip, hasDeviceToken: false });
    const { core } = watched(test.core, () => database.db.prisma.user.updateMany({ data: { passwordHash } }));

    await expect(login(core, caller, ada)).rejects.toMatchObject(refusedLogin);
    expect(await database.db.prisma.session.count()).toBe(1);
    await expect(login(test.core, caller, { ...ada, password: "a new password" })).resolves.toBeDefined();
  });
});
