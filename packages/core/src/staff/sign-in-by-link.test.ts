import { StaffMe } from "@echo/contracts";
import { defaultLifetimes } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import { authenticateStaff } from "./authenticate-staff.ts";
import { makeSignInLink } from "./make-sign-in-link.ts";
import { signInByLink } from "./sign-in-by-link.ts";
import { staffMe } from "./staff-me.ts";
import { caller, signInLocalAdmin } from "./staff-test.ts";

const light = { config: { argon2: lightArgon2 } };
const minuteMs = 60_000;
const echoctl = { requestId: "echoctl" };
const refused = { code: "UNAUTHORIZED", message: expect.stringContaining("echoctl staff link") };

test("the link signs the local admin in, stepped up, for twelve hours", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const { token: link, expiresAt } = await makeSignInLink(core, echoctl);

  const opened = await signInByLink(core, { ...caller, userAgent: "Firefox\0 🦊" }, { token: link });

  const now = clock.now().getTime();
  const isoAfter = (ms: number) => new Date(now + ms).toISOString();
  expect(expiresAt.getTime() - now).toBe(15 * minuteMs);
  expect(link).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(opened.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(opened.expiresAt.getTime() - now).toBe(12 * 60 * minuteMs);
  expect(StaffMe.parse(opened.me)).toEqual(opened.me);
  expect(opened.me).toEqual({
    staff: { id: expect.any(String), name: "Local admin", email: null, role: "admin", isLocal: true },
    factors: [],
    steppedUpUntil: isoAfter(5 * minuteMs),
    session: {
      id: expect.any(String),
      createdAt: isoAfter(0),
      idleExpiresAt: isoAfter(30 * minuteMs),
      expiresAt: isoAfter(12 * 60 * minuteMs),
    },
  });
  const actor = await authenticateStaff(core, caller, opened.token);
  expect(actor).toEqual({
    ...caller,
    staffId: opened.me.staff.id,
    sessionId: opened.me.session.id,
    role: "admin",
    steppedUpAt: clock.now(),
  });
  expect(await staffMe(core, actor)).toEqual(opened.me);
  const [session] = await database.db.prisma.staffSession.findMany();
  expect(session).toMatchObject({ ip: caller.ip, userAgent: "Firefox 🦊" });
});

test("a link that twenty use at once signs one of them in", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const link = await makeSignInLink(test.core, echoctl);

  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => signInByLink(test.core, caller, link)));

  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const each of tries) if (each.status === "rejected") expect(each.reason).toMatchObject(refused);
  expect(await database.db.prisma.staffSession.count()).toBe(1);
  await expect(signInByLink(test.core, caller, link)).rejects.toMatchObject(refused);
});

test("a fresh link voids the older one, and there is one local admin whoever makes links at once", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const older = await makeSignInLink(core, echoctl);
  await Promise.all(Array.from({ length: 8 }, () => makeSignInLink(core, echoctl)));
  const fresh = await makeSignInLink(core, echoctl);

  await expect(signInByLink(core, caller, older)).rejects.toMatchObject(refused);
  await expect(signInByLink(core, caller, fresh)).resolves.toBeDefined();
  expect(await database.db.prisma.staff.count()).toBe(1);
});

test("a link lives fifteen minutes, and its token is stored only as a hash", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const first = await makeSignInLink(core, echoctl);
  clock.advance(15 * minuteMs);
  await expect(signInByLink(core, caller, first)).rejects.toMatchObject(refused);

  const second = await makeSignInLink(core, echoctl);
  clock.advance(15 * minuteMs - 1);
  const [row] = await database.db.prisma.staff.findMany();
  expect(row?.linkTokenHash).toHaveLength(32);
  expect(JSON.stringify(row)).not.toContain(second.token);
  await expect(signInByLink(core, caller, second)).resolves.toBeDefined();
});

test("a lifetime that the operator shortened holds for links and both ends of a session", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, {
    config: {
      ...light.config,
      lifetimes: { ...defaultLifetimes, staffLinkMs: 1_000, staffIdleMs: 3_000, staffSessionMs: 10_000 },
    },
  });
  const { core, clock } = test;
  const link = await makeSignInLink(core, echoctl);
  clock.advance(1_000);
  await expect(signInByLink(core, caller, link)).rejects.toMatchObject(refused);

  const { token } = await signInLocalAdmin(core);
  for (let second = 2; second < 10; second += 2) {
    clock.advance(2_000);
    await expect(authenticateStaff(core, caller, token)).resolves.toBeDefined();
  }
  clock.advance(2_000);
  await expect(authenticateStaff(core, caller, token)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});

test("nobody gets in by a token that is none, or as a local admin who is disabled", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const link = await makeSignInLink(core, echoctl);
  await database.db.prisma.staff.updateMany({ data: { disabledAt: new Date() } });

  await expect(signInByLink(core, caller, { token: "x".repeat(43) })).rejects.toMatchObject(refused);
  await expect(signInByLink(core, caller, link)).rejects.toMatchObject(refused);
  await expect(makeSignInLink(core, echoctl)).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
});
