import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import { bootstrapStaff } from "./bootstrap-staff.ts";
import { listStaff } from "./list-staff.ts";
import { grace, signInLocalAdmin } from "./staff-test.ts";

const light = { config: { argon2: lightArgon2 } };

test("the first admin has password and TOTP, and is listed beside the local admin", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  const local = await signInLocalAdmin(core);

  const { uri, secret } = await bootstrapStaff(core, { ...grace, email: "Grace@example.test", name: "  Grace  " });

  expect(uri).toContain(`secret=${secret}`);
  expect(uri).toContain("Grace%40example.test");
  const now = clock.now().toISOString();
  expect(await listStaff(core)).toEqual([
    { ...local.me.staff, factors: [], createdAt: now, disabledAt: null, lastSeenAt: now },
    {
      id: expect.any(String),
      name: "Grace",
      email: "Grace@example.test",
      role: "admin",
      isLocal: false,
      factors: ["password", "totp"],
      createdAt: now,
      disabledAt: null,
      lastSeenAt: null,
    },
  ]);
  const [act] = await database.db.prisma.auditLog.findMany({ where: { act: "staff.bootstrap" } });
  expect(act).toMatchObject({ staffId: null, requestId: "echoctl", ip: null, subjectType: "staff" });
});

test("there is one first admin, also when two bootstrap at once", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const emails = ["grace@example.test", "ada@example.test", "eve@example.test"];

  const tries = await Promise.allSettled(emails.map((email) => bootstrapStaff(test.core, { ...grace, email })));

  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(bootstrapStaff(test.core, grace)).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await database.db.prisma.staff.count()).toBe(1);
  expect(await database.db.prisma.auditLog.count()).toBe(1);
});

test.each([
  ["an address that is none", { email: "grace" }, /e-mail address/],
  ["fourteen characters", { password: "fourteen chars" }, /at least 15/],
  ["a password made of the address", { password: "grace@example.test" }, /e-mail address/],
  ["no name", { name: "  " }, /name/],
  ["a long name", { name: "x".repeat(101) }, /name/],
  ["a name with a line break", { name: "Grace\nHopper" }, /name/],
])("%s is told so, and nobody is made", async (_name, part, message) => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);

  const made = bootstrapStaff(test.core, { ...grace, ...part });

  await expect(made).rejects.toMatchObject({ code: "BAD_REQUEST", message: expect.stringMatching(message) });
  expect(await database.db.prisma.staff.count()).toBe(0);
});

test("fifteen characters are enough", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);

  await expect(bootstrapStaff(test.core, { ...grace, password: "fifteen chars😀!" })).resolves.toBeDefined();
});
