import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../../auth/auth-test-core.ts";
import { appendAudit } from "./append-audit.ts";
import { append, appendSeveral, entry, tamper } from "./audit-test.ts";
import { verifyAudit } from "./verify-audit.ts";

const light = { config: { argon2: lightArgon2 } };

test("a log of several pages is followed to its end", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  await core.db.transaction(async (tx) => {
    for (let i = 0; i < 2_000; i++) await appendAudit(core, tx, { ...entry, data: { i } });
  });

  expect(await verifyAudit(core)).toMatchObject({ ok: true, count: 2_000 });
  await tamper(database, "UPDATE auth.audit_log SET reason = 'other' WHERE seq = 1500");
  expect(await verifyAudit(core)).toMatchObject({ ok: false, seq: 1_500 });
});

test("acts may go on while the log is verified", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  await append(core);

  const acts = appendSeveral(core, 40);
  const verdicts = [];
  for (let i = 0; i < 20; i++) verdicts.push(await verifyAudit(core));
  await acts;

  expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
  expect(await verifyAudit(core)).toMatchObject({ ok: true, count: 41 });
});

test.each([
  ["id", "id = gen_random_uuid()"],
  ["at", "at = at + interval '1 ms'"],
  ["at beyond every date", "at = 'infinity'"],
  ["staff_id", "staff_id = gen_random_uuid()"],
  ["staff_id to nobody", "staff_id = NULL"],
  ["act", "act = 'staff.sign_in'"],
  ["subject_type", "subject_type = 'staff'"],
  ["subject_id", "subject_id = 's2'"],
  ["subject_id, moved beside it", "subject_type = NULL, subject_id = 'staff_session'"],
  ["reason", "reason = 'null'"],
  ["data", "data = data || '{\"z\": 2}'"],
  ["data beyond what a double holds", "data = data || '{\"z\": 1.00000000000000000001}'"],
  ["request_id", "request_id = ''"],
  ["ip", "ip = '192.0.2.8'"],
  ["ip to its network", "ip = '192.0.2.7/24'"],
  ["hmac", "hmac = decode(repeat('00', 32), 'hex')"],
])("a changed row is found: %s", async (_name, change) => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  for (let i = 0; i < 4; i++) await append(test.core);

  await tamper(database, `UPDATE auth.audit_log SET ${change} WHERE seq = 3`);

  expect(await verifyAudit(test.core)).toMatchObject({ ok: false, seq: 3 });
});

test.each([
  ["from the middle", "DELETE FROM auth.audit_log WHERE seq = 2", 2],
  ["the first", "DELETE FROM auth.audit_log WHERE seq = 1", 1],
  [
    "with the rest moved up",
    "DELETE FROM auth.audit_log WHERE seq = 2; UPDATE auth.audit_log SET seq = seq - 1 WHERE seq > 2; UPDATE auth.audit_head SET count = count - 1",
    2,
  ],
])("a removed row is found: %s", async (_name, sql, seq) => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  await appendSeveral(test.core, 5);

  await tamper(database, ...sql.split("; "));

  expect(await verifyAudit(test.core)).toMatchObject({ ok: false, seq });
});

const copyOf = (seq: number, as: string) =>
  `INSERT INTO auth.audit_log SELECT gen_random_uuid(), ${as}, at, staff_id, act, subject_type, subject_id, reason, data, request_id, ip, hmac
   FROM auth.audit_log WHERE seq = ${seq}`;

test.each([
  ["at the end", [copyOf(5, "6")], 6],
  ["at the end, counted", [copyOf(5, "6"), "UPDATE auth.audit_head SET count = 6"], 6],
  ["before the first", [copyOf(1, "0")], 0],
  ["beside another", ["DROP INDEX auth.audit_log_seq_key", copyOf(4, "3")], 3],
  [
    "between two",
    [
      "UPDATE auth.audit_log SET seq = seq + 100 WHERE seq > 2",
      "UPDATE auth.audit_log SET seq = seq - 99 WHERE seq > 100",
      copyOf(2, "3"),
      "UPDATE auth.audit_head SET count = 6",
    ],
    3,
  ],
] as const)("an inserted row is found: %s", async (_name, sql, seq) => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  await appendSeveral(test.core, 5);

  await tamper(database, ...sql);

  expect(await verifyAudit(test.core)).toMatchObject({ ok: false, seq });
});

test("rows in another order are found", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  await appendSeveral(test.core, 5);

  await tamper(
    database,
    "UPDATE auth.audit_log SET seq = -seq WHERE seq IN (3, 4)",
    "UPDATE auth.audit_log SET seq = 7 + seq WHERE seq < 0",
  );

  expect(await verifyAudit(test.core)).toMatchObject({ ok: false, seq: 3 });
});

test("a log that was cut off is found: without its head, with a forged one, and wholly", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  await appendSeveral(core, 5);

  await tamper(database, "DELETE FROM auth.audit_log WHERE seq > 3");
  expect(await verifyAudit(core)).toMatchObject({ ok: false, seq: 4 });
  const forged = "SET count = 3, hmac = (SELECT hmac FROM auth.audit_log WHERE seq = 3)";
  await database.db.prisma.$executeRawUnsafe(`UPDATE auth.audit_head ${forged}`);
  expect(await verifyAudit(core)).toMatchObject({ ok: false, seq: 3 });
  await tamper(database, "DELETE FROM auth.audit_log");
  expect(await verifyAudit(core)).toMatchObject({ ok: false, seq: 1 });
});

test("acts after a cut do not hide it", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  await appendSeveral(core, 5);
  const { hmac } = await database.db.prisma.auditHead.findFirstOrThrow();
  await tamper(database, "DELETE FROM auth.audit_log WHERE seq > 3");
  for (const forged of [hmac, new Uint8Array(32)]) {
    await database.db.prisma.auditHead.updateMany({ data: { count: 3, hmac: forged } });
    await append(core);

    expect(await verifyAudit(core)).toMatchObject({ ok: false, seq: 4 });
    await tamper(database, "DELETE FROM auth.audit_log WHERE seq > 3");
  }
});

test("an older state, consistent in itself, is found by the head that was kept elsewhere", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  const headNow = async () => {
    const verdict = await verifyAudit(core);
    return verdict.ok ? verdict.head : "";
  };
  const empty = await headNow();
  await appendSeveral(core, 3);
  await database.db.prisma.$executeRawUnsafe("CREATE TABLE old AS SELECT * FROM auth.audit_head");
  const third = await headNow();
  await appendSeveral(core, 2);
  const fifth = await headNow();
  for (const head of [empty, third, fifth]) expect(await verifyAudit(core, head)).toMatchObject({ ok: true, count: 5 });

  const back = "UPDATE auth.audit_head SET count = old.count, hmac = old.hmac FROM old";
  await tamper(database, "DELETE FROM auth.audit_log WHERE seq > 3", back);
  expect(await verifyAudit(core)).toMatchObject({ ok: true, head: third });
  expect(await verifyAudit(core, fifth)).toMatchObject({ ok: false, seq: 4 });
  await appendSeveral(core, 3);
  expect(await verifyAudit(core)).toMatchObject({ ok: true, count: 6 });
  expect(await verifyAudit(core, fifth)).toMatchObject({ ok: false, seq: 5 });
  expect(await verifyAudit(core, third)).toMatchObject({ ok: true });
});

test.each(["", "5", "5:abc", `x:${"0".repeat(64)}`])("an expected head that is none is refused: %s", async (head) => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);

  await expect(verifyAudit(test.core, head)).rejects.toMatchObject({ code: "BAD_REQUEST" });
});
