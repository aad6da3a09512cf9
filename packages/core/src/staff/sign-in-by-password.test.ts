import { createLimitPolicies } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import type { Core } from "../core.ts";
import type { HashRequest, Passwords } from "../ports.ts";
import { signInByPassword } from "./sign-in-by-password.ts";
import { signInByTotp } from "./sign-in-by-totp.ts";
import { bootstrapGrace, caller, grace, password, refusedPassword } from "./staff-test.ts";

const light = { config: { argon2: lightArgon2 } };
const wrong = { email: grace.email, password: "not what it is" };
const right = { email: grace.email, password };

/** The same Core, which counts what is verified. */
function watched(core: Core) {
  const calls: { isNobody: boolean; request: HashRequest }[] = [];
  const { passwords } = core.ports;
  const counting: Passwords = {
    hash: passwords.hash,
    verify(plain, stored, request) {
      calls.push({ isNobody: stored === null, request });
      return passwords.verify(plain, stored, request);
    },
  };
  return { core: { ...core, ports: { ...core.ports, passwords: counting } }, calls };
}

test("password and code open a session, with the product's own parameters", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url);
  const { core, clock } = test;
  const { codeAt } = await bootstrapGrace(core);

  const { challenge, expiresAt } = await signInByPassword(core, caller, { ...right, email: "GRACE@example.test" });
  const { me } = await signInByTotp(core, caller, { challenge, code: codeAt() });

  expect(new Date(expiresAt).getTime() - clock.now().getTime()).toBe(5 * 60_000);
  expect(me.staff).toMatchObject({ email: grace.email, name: "Grace", role: "admin", isLocal: false });
  expect(me.factors).toEqual(["password", "totp"]);
  expect(me.steppedUpUntil).not.toBeNull();
  expect(await database.db.prisma.attempt.count()).toBe(0);
  const [row] = await database.db.prisma.staffChallenge.findMany();
  expect(row?.tokenHash).toHaveLength(32);
});

test("a console that is not on https takes no password, and says what to do", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, {
    config: { ...light.config, consoleUrl: "http://127.0.0.1:3000" },
  });
  await bootstrapGrace(test.core);

  await expect(signInByPassword(test.core, caller, right)).rejects.toMatchObject({
    code: "PRECONDITION_FAILED",
    message: expect.stringContaining("ECHO_CONSOLE_URL"),
  });
});

test("what is no address is told so", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);

  const signIn = signInByPassword(test.core, caller, { email: "grace", password });

  await expect(signIn).rejects.toMatchObject({ code: "BAD_REQUEST" });
});

test("wrong, unknown, disabled and shut cost one verification each and answer alike", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  await bootstrapGrace(test.core);
  const { core, calls } = watched(test.core);
  const { prisma } = database.db;
  const answer = (input: typeof right) =>
    signInByPassword(core, caller, input).then(String, ({ code, message }) => ({ code, message }));

  const answers = [await answer(wrong), await answer({ ...right, email: "nobody@example.test" })];
  await prisma.staff.updateMany({ data: { disabledAt: new Date() } });
  answers.push(await answer(right));
  await prisma.staff.updateMany({ data: { disabledAt: null } });
  for (let i = 0; i < 3; i++) answers.push(await answer(wrong));
  const counted = await prisma.attempt.count();
  answers.push(await answer(right));

  expect(answers).toEqual(Array(7).fill(refusedPassword));
  expect(calls.map(({ isNobody }) => isNobody)).toEqual([false, true, true, false, false, false, true]);
  for (const { request } of calls) expect(request).toEqual({ ip: caller.ip, hasDeviceToken: false });
  expect(counted).toBe(6);
  expect(await prisma.attempt.count()).toBe(6);
  expect(await prisma.staffChallenge.count()).toBe(0);
});

test("five failures shut the address on that network, for a second, and nowhere else", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  await bootstrapGrace(core);
  for (let i = 0; i < 5; i++)
    await expect(signInByPassword(core, caller, wrong)).rejects.toMatchObject(refusedPassword);

  await expect(signInByPassword(core, caller, right)).rejects.toMatchObject(refusedPassword);
  await expect(signInByPassword(core, { ...caller, ip: "192.0.2.8" }, right)).resolves.toBeDefined();
  clock.advance(1_000);
  await expect(signInByPassword(core, caller, right)).resolves.toBeDefined();
});

test("of fifty tries at once on one address five are judged", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, {
    config: { ...light.config, limits: createLimitPolicies({ hashing: { places: 100, perIp: 100 } }) },
  });
  await bootstrapGrace(test.core);
  const { core, calls } = watched(test.core);

  const tries = await Promise.allSettled(Array.from({ length: 50 }, () => signInByPassword(core, caller, wrong)));

  expect(calls).toHaveLength(50);
  expect(calls.filter(({ isNobody }) => !isNobody)).toHaveLength(5);
  for (const each of tries) expect(each).toMatchObject({ status: "rejected", reason: refusedPassword });
});

test("the twenty-first failure of a network within a minute is told to wait", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  await bootstrapGrace(core);
  for (let i = 0; i < 20; i++) {
    await signInByPassword(core, caller, { ...wrong, email: `p${i}@example.test` }).catch(() => undefined);
  }

  await expect(signInByPassword(core, caller, right)).rejects.toMatchObject({
    code: "TOO_MANY_REQUESTS",
    limiter: "signIn",
    retryAfterMs: 60_000,
  });
  clock.advance(60_000);
  await expect(signInByPassword(core, caller, right)).resolves.toBeDefined();
});

test("a try that found the queue full does not count", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, {
    config: { limits: createLimitPolicies({ hashing: { places: 4, perIp: 1 } }) },
  });
  const { core } = test;

  const tries = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => signInByPassword(core, caller, { ...wrong, email: `p${i}@example.test` })),
  );

  const codes = tries.map((each) => (each.status === "rejected" ? each.reason : null));
  const full = codes.filter((reason) => reason.limiter === "hashing").length;
  expect(full).toBeGreaterThan(0);
  expect(await database.db.prisma.attempt.count()).toBe(12 - full);
});

test("a hash of weaker parameters is renewed by the sign-in, also when two meet", async () => {
  await using database = await createTestDatabase();
  await using weak = await createAuthTestCore(database.url, light);
  await using test = await createAuthTestCore(database.url, {
    clock: weak.clock,
    config: { argon2: { ...lightArgon2, memoryKib: 128 } },
  });
  await bootstrapGrace(weak.core);
  const hashNow = async () => (await database.db.prisma.staff.findFirstOrThrow()).passwordHash;
  const before = await hashNow();

  await Promise.all([1, 2, 3].map(() => signInByPassword(test.core, caller, right)));

  expect(await hashNow()).not.toBe(before);
  expect(await hashNow()).toContain("m=128");
  await expect(signInByPassword(test.core, caller, right)).resolves.toBeDefined();
});
