import { StaffTotpEnrollment } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing";
import { URI } from "otpauth";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import type { Core } from "../core.ts";
import { authenticateStaff } from "./authenticate-staff.ts";
import { confirmStaffTotp } from "./confirm-staff-totp.ts";
import { disableStaffTotp } from "./disable-staff-totp.ts";
import { enrollStaffTotp } from "./enroll-staff-totp.ts";
import { signInByPassword } from "./sign-in-by-password.ts";
import { signInByTotp } from "./sign-in-by-totp.ts";
import { staffMe } from "./staff-me.ts";
import { authenticatorOf, bootstrapGrace, caller, grace, password, signInLocalAdmin, wrongCode } from "./staff-test.ts";
import { stepUpStaff } from "./step-up-staff.ts";

const light = { config: { argon2: lightArgon2 } };
const minuteMs = 60_000;
const wrong = { code: "UNAUTHORIZED", message: "Wrong code" };
const localAdmin = async (core: Core) => authenticateStaff(core, caller, (await signInLocalAdmin(core)).token);

test("the local admin turns TOTP on by a code of the enrolled secret, and off by another", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const actor = await localAdmin(core);

  const enrollment = await enrollStaffTotp(core, actor);
  expect(StaffTotpEnrollment.parse(enrollment)).toEqual(enrollment);
  expect(URI.parse(enrollment.uri)).toMatchObject({
    issuer: "Echo console",
    label: "Local admin",
    digits: 6,
    period: 30,
  });
  expect((await staffMe(core, actor)).factors).toEqual([]);
  const codeAt = authenticatorOf(core, enrollment.secret);
  expect(await confirmStaffTotp(core, actor, { code: codeAt() })).toEqual({});
  expect((await staffMe(core, actor)).factors).toEqual(["totp"]);
  const [row] = await database.db.prisma.staff.findMany();
  expect(Buffer.from(row?.totpSecret ?? []).toString("latin1")).not.toContain(enrollment.secret);

  await expect(disableStaffTotp(core, actor, { code: codeAt() })).rejects.toMatchObject(wrong);
  clock.advance(minuteMs);
  expect(await disableStaffTotp(core, actor, { code: codeAt() })).toEqual({});
  expect((await staffMe(core, actor)).factors).toEqual([]);
  const acts = await database.db.prisma.auditLog.findMany({ where: { act: { startsWith: "staff.totp" } } });
  expect(acts.map(({ act }) => act)).toEqual(["staff.totp_on", "staff.totp_off"]);
});

test("the code of the enrolment is used up with it", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const actor = await localAdmin(core);
  const codeAt = authenticatorOf(core, (await enrollStaffTotp(core, actor)).secret);
  const code = codeAt();
  const confirmed = await Promise.allSettled([1, 2].map(() => confirmStaffTotp(core, actor, { code })));

  expect(confirmed.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(stepUpStaff(core, actor, { code })).rejects.toMatchObject(wrong);
});

test("a second enrolment voids the first, and a wrong code turns nothing on", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const actor = await localAdmin(core);
  const first = authenticatorOf(core, (await enrollStaffTotp(core, actor)).secret);
  const second = authenticatorOf(core, (await enrollStaffTotp(core, actor)).secret);

  await expect(confirmStaffTotp(core, actor, { code: first() })).rejects.toMatchObject(wrong);
  await expect(confirmStaffTotp(core, actor, { code: wrongCode(second) })).rejects.toMatchObject(wrong);
  expect((await staffMe(core, actor)).factors).toEqual([]);
  await expect(confirmStaffTotp(core, actor, { code: second() })).resolves.toEqual({});
});

test("what does not fit the state is told so", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const actor = await localAdmin(core);
  const input = { code: "123456" };

  await expect(confirmStaffTotp(core, actor, input)).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  await expect(disableStaffTotp(core, actor, input)).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  const codeAt = authenticatorOf(core, (await enrollStaffTotp(core, actor)).secret);
  await confirmStaffTotp(core, actor, { code: codeAt() });
  await expect(enrollStaffTotp(core, actor)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(confirmStaffTotp(core, actor, input)).rejects.toMatchObject({ code: "CONFLICT" });
});

test("an account with a password keeps its authenticator", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { codeAt } = await bootstrapGrace(core);
  const { challenge } = await signInByPassword(core, caller, { email: grace.email, password });
  const { token } = await signInByTotp(core, caller, { challenge, code: codeAt() });
  const actor = await authenticateStaff(core, caller, token);
  clock.advance(minuteMs);

  const disabled = disableStaffTotp(core, actor, { code: codeAt() });

  await expect(disabled).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  await expect(database.db.prisma.staff.updateMany({ data: { totpEnabledAt: null } })).rejects.toMatchObject({
    constraint: "staff_password_check",
  });
});

test("whoever is not stepped up changes nothing about TOTP", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const actor = await localAdmin(core);
  const codeAt = authenticatorOf(core, (await enrollStaffTotp(core, actor)).secret);
  clock.advance(5 * minuteMs);
  const refused = { code: "STEP_UP_REQUIRED" };

  await expect(enrollStaffTotp(core, actor)).rejects.toMatchObject(refused);
  await expect(confirmStaffTotp(core, actor, { code: codeAt() })).rejects.toMatchObject(refused);
  await expect(disableStaffTotp(core, actor, { code: codeAt() })).rejects.toMatchObject(refused);
});

test("wrong codes of confirm and disable count as those of every other door", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const actor = await localAdmin(core);
  const codeAt = authenticatorOf(core, (await enrollStaffTotp(core, actor)).secret);
  const code = wrongCode(codeAt);
  for (let i = 0; i < 5; i++) await expect(confirmStaffTotp(core, actor, { code })).rejects.toMatchObject(wrong);
  await confirmStaffTotp(core, actor, { code: codeAt() });
  for (let i = 0; i < 5; i++) await expect(disableStaffTotp(core, actor, { code })).rejects.toMatchObject(wrong);
  clock.advance(minuteMs);

  for (const door of [disableStaffTotp, stepUpStaff]) {
    const call = door(core, actor, { code: codeAt() });
    await expect(call).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS", limiter: "secondFactor" });
  }
});

test("a secret sealed under the previous ECHO_SECRET still judges, and is sealed anew by it", async () => {
  await using database = await createTestDatabase();
  await using before = await createAuthTestCore(database.url, light);
  const { codeAt } = await bootstrapGrace(before.core);
  const [previousSecret, secret] = [before.core.config.secret, new Uint8Array(32).fill(9)];
  const signIn = async (secrets: { secret: Uint8Array; previousSecret: Uint8Array | null }) => {
    await using test = await createAuthTestCore(database.url, {
      clock: before.clock,
      config: { ...light.config, ...secrets },
    });
    const { challenge } = await signInByPassword(test.core, caller, { email: grace.email, password });
    return await signInByTotp(test.core, caller, { challenge, code: codeAt() });
  };

  await expect(signIn({ secret, previousSecret })).resolves.toBeDefined();
  before.clock.advance(minuteMs);
  await expect(signIn({ secret, previousSecret: null })).resolves.toBeDefined();
});
