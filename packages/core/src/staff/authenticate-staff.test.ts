import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import { authenticateStaff, type StaffActor } from "./authenticate-staff.ts";
import { requireStaffRole, requireStaffStepUp } from "./policy.ts";
import { signOutStaff } from "./sign-out-staff.ts";
import { staffMe } from "./staff-me.ts";
import { caller, signInLocalAdmin } from "./staff-test.ts";

const light = { config: { argon2: lightArgon2 } };
const minuteMs = 60_000;
const refused = { code: "UNAUTHORIZED", message: "Nobody is signed in to the console here; sign in again" };

test("a token that nobody was given signs nobody in", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { token } = await signInLocalAdmin(test.core);

  for (const wrong of ["", "x".repeat(43), `${token} `, token.toLowerCase()]) {
    await expect(authenticateStaff(test.core, caller, wrong)).rejects.toMatchObject(refused);
  }
});

test("a session ends half an hour after its last call, which is written once a minute", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { token } = await signInLocalAdmin(core);
  const lastSeenAt = async () => (await database.db.prisma.staffSession.findFirstOrThrow()).lastSeenAt.getTime();
  const openedAt = await lastSeenAt();

  clock.advance(minuteMs - 1);
  await authenticateStaff(core, caller, token);
  expect(await lastSeenAt()).toBe(openedAt);
  clock.advance(1);
  const actor = await authenticateStaff(core, caller, token);
  expect(await lastSeenAt()).toBe(openedAt + minuteMs);
  const me = await staffMe(core, actor);
  expect(me.session.idleExpiresAt).toBe(new Date(openedAt + 31 * minuteMs).toISOString());

  clock.advance(30 * minuteMs - 1);
  await expect(authenticateStaff(core, caller, token)).resolves.toBeDefined();
  clock.advance(30 * minuteMs);
  await expect(authenticateStaff(core, caller, token)).rejects.toMatchObject(refused);
});

test("a session ends after twelve hours, however busy", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { token, me } = await signInLocalAdmin(core);

  for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
    clock.advance(20 * minuteMs);
    await authenticateStaff(core, caller, token);
  }
  clock.advance(20 * minuteMs - 1);
  const actor = await authenticateStaff(core, caller, token);
  const { session } = await staffMe(core, actor);
  expect(session.idleExpiresAt).toBe(me.session.expiresAt);
  expect(session.expiresAt).toBe(me.session.expiresAt);
  clock.advance(1);
  await expect(authenticateStaff(core, caller, token)).rejects.toMatchObject(refused);
  await expect(staffMe(core, actor)).rejects.toMatchObject(refused);
});

test("signing out ends the session with the next call, once, and no other", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const [first, second] = [await signInLocalAdmin(core), await signInLocalAdmin(core)];
  const actor = await authenticateStaff(core, caller, first.token);

  const answers = await Promise.all([1, 2, 3].map(() => signOutStaff(core, actor)));

  expect(answers).toEqual([{}, {}, {}]);
  await expect(authenticateStaff(core, caller, first.token)).rejects.toMatchObject(refused);
  await expect(staffMe(core, actor)).rejects.toMatchObject(refused);
  await expect(authenticateStaff(core, caller, second.token)).resolves.toBeDefined();
  const acts = await database.db.prisma.auditLog.findMany({ where: { act: "staff.sign_out" } });
  expect(acts).toMatchObject([{ staffId: actor.staffId, subjectId: actor.sessionId, ip: caller.ip }]);
});

test("somebody who is disabled is out with the next call", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { token } = await signInLocalAdmin(test.core);
  await database.db.prisma.staff.updateMany({ data: { disabledAt: new Date() } });

  await expect(authenticateStaff(test.core, caller, token)).rejects.toMatchObject(refused);
});

test("a sign-in counts as step-up for five minutes", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const actor = await authenticateStaff(core, caller, (await signInLocalAdmin(core)).token);

  clock.advance(5 * minuteMs - 1);
  expect(() => requireStaffStepUp(core, actor)).not.toThrow();
  clock.advance(1);
  expect(() => requireStaffStepUp(core, actor)).toThrow(expect.objectContaining({ code: "STEP_UP_REQUIRED" }));
  expect((await staffMe(core, actor)).steppedUpUntil).toBeNull();
});

test.each([
  ["viewer", ["viewer"]],
  ["support", ["viewer", "support"]],
  ["admin", ["viewer", "support", "admin"]],
] as const)("the role %s may what %s may", (role, allowed) => {
  const actor: StaffActor = { ...caller, staffId: "s", sessionId: "s", role, steppedUpAt: null };
  const may = (wanted: StaffActor["role"]) => {
    try {
      requireStaffRole(actor, wanted);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "FORBIDDEN" });
      return false;
    }
  };

  expect((["viewer", "support", "admin"] as const).filter(may)).toEqual(allowed);
});
