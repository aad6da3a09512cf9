import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import type { Core } from "../core.ts";
import { authenticateStaff } from "./authenticate-staff.ts";
import { confirmStaffTotp } from "./confirm-staff-totp.ts";
import { enrollStaffTotp } from "./enroll-staff-totp.ts";
import { requireStaffStepUp } from "./policy.ts";
import { signInByPassword } from "./sign-in-by-password.ts";
import { signInByTotp } from "./sign-in-by-totp.ts";
import { signOutStaff } from "./sign-out-staff.ts";
import { authenticatorOf, bootstrapGrace, caller, grace, password, signInLocalAdmin, wrongCode } from "./staff-test.ts";
import { stepUpStaff } from "./step-up-staff.ts";

const light = { config: { argon2: lightArgon2 } };
const minuteMs = 60_000;
const wrong = { code: "UNAUTHORIZED", message: "Wrong password or code" };

async function signInGrace(core: Core) {
  const { codeAt } = await bootstrapGrace(core);
  const { challenge } = await signInByPassword(core, caller, { email: grace.email, password });
  const { token } = await signInByTotp(core, caller, { challenge, code: codeAt() });
  return { codeAt, token, actor: await authenticateStaff(core, caller, token) };
}

test("password and code allow destructive acts for five minutes more", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt, token, actor } = await signInGrace(core);
  clock.advance(6 * minuteMs);
  expect(() => requireStaffStepUp(core, actor)).toThrow();

  const { steppedUpUntil } = await stepUpStaff(core, actor, { password, code: codeAt() });

  expect(new Date(steppedUpUntil).getTime() - clock.now().getTime()).toBe(5 * minuteMs);
  const again = await authenticateStaff(core, caller, token);
  expect(() => requireStaffStepUp(core, again)).not.toThrow();
  expect(await database.db.prisma.attempt.count()).toBe(0);
  const [act] = await database.db.prisma.auditLog.findMany({ where: { act: "staff.step_up" } });
  expect(act).toMatchObject({ staffId: actor.staffId, subjectId: actor.sessionId });
});

test("every factor is asked for, and no other", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt, actor } = await signInGrace(core);
  clock.advance(minuteMs);
  const both = { code: "BAD_REQUEST", message: "This account is confirmed by its password and code" };

  for (const input of [{}, { password }, { code: codeAt() }]) {
    await expect(stepUpStaff(core, actor, input)).rejects.toMatchObject(both);
  }
  const local = await authenticateStaff(core, caller, (await signInLocalAdmin(core)).token);
  await expect(stepUpStaff(core, local, { password })).rejects.toMatchObject({
    code: "PRECONDITION_FAILED",
    message: expect.stringContaining("echoctl staff link"),
  });
  const authenticator = authenticatorOf(core, (await enrollStaffTotp(core, local)).secret);
  await confirmStaffTotp(core, local, { code: authenticator() });
  clock.advance(minuteMs);
  await expect(stepUpStaff(core, local, { password, code: authenticator() })).rejects.toMatchObject({
    code: "BAD_REQUEST",
    message: "This account is confirmed by its code",
  });
  await expect(stepUpStaff(core, local, { code: wrongCode(authenticator) })).rejects.toMatchObject({
    code: "UNAUTHORIZED",
    message: "Wrong code",
  });
  await expect(stepUpStaff(core, local, { code: authenticator() })).resolves.toBeDefined();
});

test("a wrong password and a wrong code are answered alike, count, and change nothing", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt, actor, token } = await signInGrace(core);
  clock.advance(6 * minuteMs);

  const tries = [
    { password: "not what it is", code: codeAt() },
    { password, code: wrongCode(codeAt) },
  ];
  for (const each of tries) await expect(stepUpStaff(core, actor, each)).rejects.toMatchObject(wrong);

  expect((await authenticateStaff(core, caller, token)).steppedUpAt).toEqual(actor.steppedUpAt);
  expect(await database.db.prisma.attempt.count({ where: { kind: "sign_in" } })).toBe(2);
  expect(await database.db.prisma.attempt.count({ where: { kind: "second_factor" } })).toBe(1);
  await expect(stepUpStaff(core, actor, { password, code: codeAt() })).resolves.toBeDefined();
});

test("whoever took a session over cannot guess the password: five wrong ones shut it", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt, actor } = await signInGrace(core);
  clock.advance(minuteMs);
  for (let i = 0; i < 5; i++) {
    await expect(stepUpStaff(core, actor, { password: "not it", code: codeAt() })).rejects.toMatchObject(wrong);
  }

  await expect(stepUpStaff(core, actor, { password, code: codeAt() })).rejects.toMatchObject(wrong);
  clock.advance(1_000);
  await expect(stepUpStaff(core, actor, { password, code: codeAt() })).resolves.toBeDefined();
});

test("the code of a sign-in is no step-up too, and of two at once one succeeds", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt, actor } = await signInGrace(core);

  await expect(stepUpStaff(core, actor, { password, code: codeAt() })).rejects.toMatchObject(wrong);
  clock.advance(minuteMs);
  const code = codeAt();
  const tries = await Promise.allSettled([1, 2].map(() => stepUpStaff(core, actor, { password, code })));

  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a session that was signed out is not stepped up any more", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt, actor } = await signInGrace(core);
  clock.advance(minuteMs);
  await signOutStaff(core, actor);

  const stepUp = stepUpStaff(core, actor, { password, code: codeAt() });

  await expect(stepUp).rejects.toMatchObject({
    code: "UNAUTHORIZED",
    message: "Nobody is signed in to the console here; sign in again",
  });
});
