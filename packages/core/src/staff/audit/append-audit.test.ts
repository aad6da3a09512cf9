import { statement } from "@echo/db";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../../auth/auth-test-core.ts";
import { makeSignInLink } from "../make-sign-in-link.ts";
import { caller } from "../staff-test.ts";
import { appendAudit } from "./append-audit.ts";
import { append, appendSeveral, entry } from "./audit-test.ts";
import { verifyAudit } from "./verify-audit.ts";

const light = { config: { argon2: lightArgon2 } };

test("an empty log verifies, and so does each act after it, whatever it holds", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  expect(await verifyAudit(core)).toEqual({ ok: true, count: 0, head: `0:${"0".repeat(64)}` });

  await append(core);
  await append(core, { staffId: null, caller: { ip: "", requestId: "echoctl" } });
  await append(core, { caller: { ip: "2001:db8::1", requestId: "r" }, data: {} });

  const verdict = await verifyAudit(core);
  expect(verdict).toEqual({ ok: true, count: 3, head: expect.stringMatching(/^3:[0-9a-f]{64}$/) });
  const rows = await database.db.prisma.auditLog.findMany({ orderBy: { seq: "asc" } });
  expect(rows.map(({ seq }) => seq)).toEqual([1n, 2n, 3n]);
  expect(rows[0]).toMatchObject({
    staffId: entry.staffId,
    act: "staff.step_up",
    subjectType: "staff_session",
    subjectId: "s1",
    reason: "asked by phone",
    data: entry.data,
    requestId: caller.requestId,
    ip: caller.ip,
  });
});

test("fifty acts at once, of two processes, make one chain", async () => {
  await using database = await createTestDatabase();
  await using first = await createAuthTestCore(database.url, light);
  await using second = await createAuthTestCore(database.url, light);

  await Promise.all(
    Array.from({ length: 50 }, (_, i) => append(i % 2 === 0 ? first.core : second.core, { data: { i } })),
  );

  expect(await verifyAudit(first.core)).toMatchObject({ ok: true, count: 50 });
  const rows = await database.db.prisma.auditLog.findMany({ orderBy: { seq: "asc" } });
  expect(new Set(rows.map(({ data }) => JSON.stringify(data))).size).toBe(50);
});

test("an act that fails leaves no row and no gap, and its head is not logged", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  await append(core);
  const failing = core.db.transaction(async (tx) => {
    await appendAudit(core, tx, entry);
    throw new Error("the act failed");
  });
  await expect(failing).rejects.toThrow("the act failed");
  await append(core);

  const verdict = await verifyAudit(core);
  expect(verdict).toMatchObject({ ok: true, count: 2 });
  const heads = test.log.filter((line) => line.startsWith("audit head"));
  expect(heads).toHaveLength(2);
  expect(heads[1]).toContain(verdict.ok && verdict.head);
});

test("a head that is gone stops every act, and is found", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  await append(core);
  await database.db.prisma.$executeRawUnsafe("ALTER TABLE auth.audit_head DISABLE TRIGGER stays");
  await database.db.prisma.$executeRawUnsafe("DELETE FROM auth.audit_head");

  await expect(append(core)).rejects.toMatchObject({ code: "INTERNAL" });
  expect(await verifyAudit(core)).toMatchObject({ ok: false, reason: "the head of the log is gone" });
});

test.each([
  ["UPDATE auth.audit_log SET act = act"],
  ["UPDATE auth.audit_log SET act = act WHERE false"],
  ["DELETE FROM auth.audit_log"],
  ["TRUNCATE auth.audit_log"],
  ["TRUNCATE auth.audit_log CASCADE"],
  ["DELETE FROM auth.audit_head"],
  ["TRUNCATE auth.audit_head"],
])("the database refuses %s", async (sql) => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  await append(test.core);

  await expect(database.db.query(statement("", sql))).rejects.toThrow("the audit log is append-only");

  expect(await verifyAudit(test.core)).toMatchObject({ ok: true, count: 1 });
});

test("another ECHO_SECRET keeps the chain, once the previous one was given with it", async () => {
  await using database = await createTestDatabase();
  await using before = await createAuthTestCore(database.url, light);
  await appendSeveral(before.core, 2);
  const previousSecret = before.core.config.secret;
  const secret = new Uint8Array(32).fill(9);
  const withSecrets = (secrets: { secret: Uint8Array; previousSecret: Uint8Array | null }) =>
    createAuthTestCore(database.url, { config: { ...light.config, ...secrets } });

  await using alone = await withSecrets({ secret, previousSecret: null });
  await expect(verifyAudit(alone.core)).rejects.toMatchObject({ code: "INTERNAL" });
  await expect(makeSignInLink(alone.core, { requestId: "echoctl" })).rejects.toMatchObject({ code: "INTERNAL" });
  await using both = await withSecrets({ secret, previousSecret });
  expect(await verifyAudit(both.core)).toMatchObject({ ok: true, count: 2 });
  await appendSeveral(both.core, 1);

  expect(await verifyAudit(alone.core)).toMatchObject({ ok: true, count: 3 });
  await appendSeveral(alone.core, 1);
  expect(await verifyAudit(alone.core)).toMatchObject({ ok: true, count: 4 });
});
