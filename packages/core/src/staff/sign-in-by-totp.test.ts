import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import type { Core } from "../core.ts";
import { authenticateStaff } from "./authenticate-staff.ts";
import { signInByPassword } from "./sign-in-by-password.ts";
import { signInByTotp } from "./sign-in-by-totp.ts";
import { bootstrapGrace, caller, grace, password, wrongCode } from "./staff-test.ts";
import { stepUpStaff } from "./step-up-staff.ts";

const light = { config: { argon2: lightArgon2 } };
const minuteMs = 60_000;
const stepMs = 30_000;
const refusedCode = { code: "UNAUTHORIZED", message: "Wrong code" };
const over = { code: "UNAUTHORIZED", message: "This sign-in is over; begin again with e-mail and password" };
const challengeOf = async (core: Core, ip = caller.ip): Promise<string> =>
  (await signInByPassword(core, { ...caller, ip }, { email: grace.email, password })).challenge;

test.each([
  ["of the step before", -1, true],
  ["of the step after", 1, true],
  ["two steps old", -2, false],
  ["two steps ahead", 2, false],
])("a code %s: %s, %s", async (_name, steps, isTaken) => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const { codeAt } = await bootstrapGrace(core);
  const challenge = await challengeOf(core);

  const signIn = signInByTotp(core, caller, { challenge, code: codeAt(steps) });

  if (isTaken) await expect(signIn).resolves.toBeDefined();
  else await expect(signIn).rejects.toMatchObject(refusedCode);
});

test("a step is used once, whichever challenge it is used for, and an older one no more", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt } = await bootstrapGrace(core);
  const challenges = [await challengeOf(core), await challengeOf(core)] as const;
  await signInByTotp(core, caller, { challenge: challenges[0], code: codeAt() });

  for (const steps of [0, -1]) {
    const replay = signInByTotp(core, caller, { challenge: challenges[1], code: codeAt(steps) });
    await expect(replay).rejects.toMatchObject(refusedCode);
  }
  clock.advance(stepMs);
  await expect(signInByTotp(core, caller, { challenge: challenges[1], code: codeAt() })).resolves.toBeDefined();
});

test("one code for ten challenges at once signs one in", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const { codeAt } = await bootstrapGrace(core);
  const challenges: string[] = [];
  for (let i = 0; i < 10; i++) challenges.push(await challengeOf(core, `192.0.2.${i}`));
  const code = codeAt();

  const tries = await Promise.allSettled(
    challenges.map((challenge) => signInByTotp(core, caller, { challenge, code })),
  );

  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await database.db.prisma.staffSession.count()).toBe(1);
});

test("a challenge is of one sign-in, also when two use it at once with two good codes", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const { codeAt } = await bootstrapGrace(core);
  const challenge = await challengeOf(core);

  const tries = await Promise.allSettled(
    [0, 1].map((steps) => signInByTotp(core, caller, { challenge, code: codeAt(steps) })),
  );

  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(tries.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "UNAUTHORIZED" } });
  await expect(signInByTotp(core, caller, { challenge, code: codeAt(1) })).rejects.toMatchObject(over);
});

test("a challenge dies after five wrong codes, also to the right one", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const { codeAt } = await bootstrapGrace(core);
  const challenge = await challengeOf(core);
  const code = wrongCode(codeAt);

  for (let i = 0; i < 5; i++) {
    await expect(signInByTotp(core, caller, { challenge, code })).rejects.toMatchObject(refusedCode);
  }
  await expect(signInByTotp(core, caller, { challenge, code: codeAt() })).rejects.toMatchObject(over);
  await expect(signInByTotp(core, caller, { challenge: "x".repeat(43), code })).rejects.toMatchObject(over);
});

test("a challenge lives five minutes", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt } = await bootstrapGrace(core);
  const [first, second] = [await challengeOf(core), await challengeOf(core)];

  clock.advance(5 * minuteMs - 1);
  await expect(signInByTotp(core, caller, { challenge: first, code: codeAt(-1) })).resolves.toBeDefined();
  clock.advance(1);
  await expect(signInByTotp(core, caller, { challenge: second, code: codeAt() })).rejects.toMatchObject(over);
});

test("an account that was disabled between the halves stays outside", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const { codeAt } = await bootstrapGrace(core);
  const challenge = await challengeOf(core);
  await database.db.prisma.staff.updateMany({ data: { disabledAt: new Date() } });

  await expect(signInByTotp(core, caller, { challenge, code: codeAt() })).rejects.toMatchObject(over);
});

test("ten wrong codes an hour, over all challenges and step-up, shut the second factor to the right one too", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt } = await bootstrapGrace(core);
  const { token } = await signInByTotp(core, caller, { challenge: await challengeOf(core), code: codeAt() });
  const actor = await authenticateStaff(core, caller, token);
  const refusals: unknown[] = [];
  const begunAt = clock.now().getTime();
  for (let i = 0; i < 4; i++) {
    refusals.push(await stepUpStaff(core, actor, { password, code: wrongCode(codeAt) }).catch(({ code }) => code));
    clock.advance(minuteMs);
  }
  for (const ip of ["192.0.2.20", "192.0.2.21"]) {
    const challenge = await challengeOf(core, ip);
    for (let i = 0; i < 3; i++) {
      refusals.push(await signInByTotp(core, caller, { challenge, code: wrongCode(codeAt) }).catch(({ code }) => code));
    }
  }

  expect(refusals).toEqual(Array(10).fill("UNAUTHORIZED"));
  const tooMany = { code: "TOO_MANY_REQUESTS", limiter: "secondFactor", retryAfterMs: 56 * minuteMs };
  const fresh = await challengeOf(core, "192.0.2.9");
  await expect(signInByTotp(core, caller, { challenge: fresh, code: codeAt() })).rejects.toMatchObject(tooMany);
  const elsewhere = { ...actor, ip: "192.0.2.22" };
  await expect(stepUpStaff(core, elsewhere, { password, code: codeAt() })).rejects.toMatchObject(tooMany);

  clock.advance(60 * minuteMs - (clock.now().getTime() - begunAt));
  const challenge = await challengeOf(core, "192.0.2.9");
  await expect(signInByTotp(core, caller, { challenge, code: codeAt() })).resolves.toBeDefined();
});

test("a right password without its code stays counted, a complete sign-in is taken back", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const { codeAt } = await bootstrapGrace(core);
  const count = () => database.db.prisma.attempt.count({ where: { kind: "sign_in" } });

  await challengeOf(core);
  const challenge = await challengeOf(core);
  expect(await count()).toBe(2);
  await signInByTotp(core, caller, { challenge, code: codeAt() });
  expect(await count()).toBe(1);
});
