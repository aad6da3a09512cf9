import { AuthResult } from "@echo/contracts";
import { createLimitPolicies, tooManyRequests } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { eventsOf } from "../test-core.ts";
import { ada, caller, createAuthTestCore, lightArgon2 } from "./auth-test-core.ts";
import { register } from "./register.ts";

describe("registering", () => {
  test("makes an account, a profile, a session and their events, and signs in", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url);
    const { core } = test;
    const device = { name: "Ada's laptop", platform: "web" };

    const result = await register(core, caller, {
      ...ada,
      email: "Ada@Example.test",
      displayName: "Ada Lovelace",
      phone: "+4915112345678",
      device,
    });

    expect(AuthResult.parse(result)).toEqual(result);
    expect(result.user).toMatchObject({
      email: "Ada@Example.test",
      emailVerified: false,
      profile: {
        userId: result.user.userId,
        displayName: "Ada Lovelace",
        username: expect.stringMatching(/^ada_lovelace_[a-z0-9]{6}$/),
        bio: "",
        avatarUrl: null,
        status: "",
      },
    });
    expect(result.session).toMatchObject({ device: { ...device, id: "" }, ip: caller.ip, current: true });
    await expect(test.actorOf(result.accessToken)).resolves.toMatchObject({
      userId: result.user.userId,
      sessionId: result.session.id,
    });
    const { prisma } = database.db;
    const user = await prisma.user.findFirstOrThrow();
    expect(user).toMatchObject({ emailNormalized: "ada@example.test", phone: "+4915112345678", phoneVerifiedAt: null });
    expect(user.passwordHash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=2\$/);
    expect(await eventsOf(core, user.id)).toEqual([
      { eventSeq: 1, type: "user.registered", actorId: user.id, refId: user.id, data: null },
    ]);
    expect(await prisma.loginHistory.findMany()).toMatchObject([
      { userId: user.id, sessionId: result.session.id, result: "success", reason: null, ip: caller.ip },
    ]);
  });

  test("keeps no token and no family key that could be used", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
    const { refreshToken, deviceToken } = await register(test.core, caller, ada);

    const { prisma } = database.db;
    const [session] = await prisma.session.findMany();
    const [refreshRow] = await prisma.refreshToken.findMany();
    const [deviceRow] = await prisma.deviceToken.findMany();
    expect(refreshToken).toMatch(/^[\w-]{43}$/);
    expect(deviceToken).toMatch(/^[\w-]{43}$/);
    for (const row of [session, refreshRow, deviceRow]) {
      const stored = Object.values(row ?? {}).map((value) =>
        Buffer.from(value instanceof Uint8Array ? value : `${value}`),
      );
      for (const token of [refreshToken, deviceToken]) {
        expect(stored.some((bytes) => bytes.includes(token))).toBe(false);
        expect(stored.some((bytes) => bytes.includes(Buffer.from(token, "base64url")))).toBe(false);
      }
    }
    const days = (from?: Date, to?: Date) => (Number(to) - Number(from)) / 86_400_000;
    expect(days(session?.createdAt, session?.expiresAt)).toBe(7);
    expect(days(session?.createdAt, session?.absoluteExpiresAt)).toBe(90);
    expect(days(deviceRow?.createdAt, deviceRow?.expiresAt)).toBe(180);
  });
});

describe("refused", () => {
  test.each([
    ["an address with white space", { email: "ada @example.test" }],
    ["an address with a trailing dot", { email: "ada@example.test." }],
    ["a short password", { password: "Tr4vel9" }],
    ["a common password", { password: "password1" }],
    ["a password made of the address", { email: "lovelace@example.test", password: "Lovelace12" }],
  ])("%s: BAD_REQUEST", async (_what, fault) => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });

    await expect(register(test.core, caller, { ...ada, ...fault })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect(await database.db.prisma.user.count()).toBe(0);
  });

  test("a known address, however it is spelled: CONFLICT", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
    await register(test.core, caller, { ...ada, email: "ada@bücher.example" });

    for (const email of ["ada@bücher.example", "ADA@BÜCHER.EXAMPLE", "ａda@xn--bcher-kva.example"]) {
      const again = register(test.core, caller, { ...ada, email });
      await expect(again).rejects.toMatchObject({ code: "CONFLICT" });
    }
    expect(await database.db.prisma.user.count()).toBe(1);
  });

  test("an address that six register at once belongs to one", async () => {
    await using database = await createTestDatabase();
    await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });

    const results = await Promise.allSettled(Array.from({ length: 6 }, () => register(test.core, caller, ada)));

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
    expect(reasons).toEqual(Array.from({ length: 5 }, () => "CONFLICT"));
    expect(await database.db.prisma.user.count()).toBe(1);
    expect(await database.db.prisma.profile.count()).toBe(1);
    expect(await database.db.prisma.session.count()).toBe(1);
  });

  test("too many from one network: TOO_MANY_REQUESTS, and nothing is written", async () => {
    await using database = await createTestDatabase();
    const limits = createLimitPolicies({ register: { limit: 2 } });
    await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2, limits } });
    const from = (n: number, ip: string) =>
      register(test.core, { ...caller, ip }, { ...ada, email: `ada${n}@example.test` });
    await from(1, "2001:db8::1");
    await from(2, "2001:db8::2");

    await expect(from(3, "2001:db8::3")).rejects.toMatchObject({
      code: "TOO_MANY_REQUESTS",
      limiter: "register",
      retryAfterMs: expect.any(Number),
    });
    expect(await database.db.prisma.user.count()).toBe(2);
    await expect(from(3, "2001:db8:0:1::3")).resolves.toBeDefined();
  });

  test("a registration that found the hashing queue full does not count", async () => {
    await using database = await createTestDatabase();
    const limits = createLimitPolicies({ register: { limit: 1 } });
    await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2, limits } });
    const { passwords } = test.core.ports;
    const full = { ...passwords, hash: () => Promise.reject(tooManyRequests("hashing", 500)) };
    const busy = { ...test.core, ports: { ...test.core.ports, passwords: full } };

    await expect(register(busy, caller, ada)).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS", limiter: "hashing" });
    await expect(register(test.core, caller, ada)).resolves.toBeDefined();
  });
});
