import { createTestDatabase } from "@echo/testing/database";
import { describe, expect, test } from "vitest";
import { createDb } from "./create-db.ts";
import { type Db, type Queryable, statement } from "./db.ts";
import { DbError, isDbError, toDbError } from "./db-error.ts";

const someone = crypto.randomUUID();
const faults = [
  {
    kind: "unique",
    constraint: "users_email_normalized_key",
    sql: "INSERT INTO auth.users (id, email, email_normalized) VALUES (gen_random_uuid(), 'a', 'a'), (gen_random_uuid(), 'a', 'a')",
  },
  {
    kind: "foreignKey",
    constraint: "profiles_user_id_fkey",
    sql: `INSERT INTO users.profiles (user_id, username) VALUES ('${someone}', 'nobody')`,
  },
  {
    kind: "check",
    constraint: "users_status_check",
    sql: "INSERT INTO auth.users (id, email, email_normalized, status) VALUES (gen_random_uuid(), 'b', 'b', 'dead')",
  },
  { kind: "serialization", sql: "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$" },
  { kind: "deadlock", sql: "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$" },
  { kind: "lockTimeout", sql: "DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$" },
  { kind: "timeout", sql: "SELECT pg_sleep(5)", before: "SET statement_timeout = 10" },
  { kind: "unavailable", sql: "SELECT pg_terminate_backend(pg_backend_pid())" },
  { kind: "other", sql: "SELECT FROM nowhere" },
] as const;

const doors: [string, (target: Queryable, sql: string) => Promise<unknown>][] = [
  ["prepared SQL", (target, sql) => target.query(statement(`test_${sql.length}`, sql))],
  ["Prisma", (target, sql) => target.prisma.$executeRawUnsafe(sql)],
];

describe.each(doors)("a fault of %s", (_door, run) => {
  test.each(faults)("is a DbError of kind $kind", async (fault) => {
    await using database = await createTestDatabase({ poolMax: 1 });
    const { db } = database;
    if ("before" in fault) await db.prisma.$executeRawUnsafe(fault.before);

    const error: unknown = await run(db, fault.sql).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(DbError);
    expect(error).toMatchObject({ kind: fault.kind, cause: expect.any(Error) });
    if ("constraint" in fault) expect(isDbError(error, fault.kind, fault.constraint)).toBe(true);
  });
});

test("Prisma's own model calls name the constraint too", async () => {
  await using database = await createTestDatabase();
  const data = () => ({ id: crypto.randomUUID(), email: "a", emailNormalized: "a" });
  await database.db.prisma.user.create({ data: data() });

  const error: unknown = await database.db.prisma.user.create({ data: data() }).catch((thrown: unknown) => thrown);

  expect(isDbError(error, "unique", "users_email_normalized_key")).toBe(true);
  expect(isDbError(error, "unique", "users_pkey")).toBe(false);
  expect(isDbError(error, "check")).toBe(false);
});

test("a server that is not there is unavailable through every door", async () => {
  const db = createDb({ url: "postgresql://nobody@127.0.0.1:1/none" });
  const calls: ((target: Db) => Promise<unknown>)[] = [
    (target) => target.ping(),
    (target) => target.prisma.user.count(),
    (target) => target.transaction(async (tx) => tx.query(statement("test_one", "SELECT 1"))),
  ];

  for (const call of calls) {
    await expect(call(db)).rejects.toMatchObject({ name: "DbError", kind: "unavailable" });
  }
  await db.close();
});

test("a wrong password and a missing database are unavailable, and say which", async () => {
  await using database = await createTestDatabase();
  const wrong = createDb({ url: Object.assign(new URL(database.url), { password: "guess" }).href });
  const missing = createDb({ url: Object.assign(new URL(database.url), { pathname: "nowhere" }).href });

  await expect(wrong.ping()).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringMatching("password authentication failed"),
  });
  await expect(missing.ping()).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringMatching('"nowhere" does not exist'),
  });
  await Promise.all([wrong.close(), missing.close()]);
});

test("what is no fault of the database stays what it is", () => {
  const own = new Error("not a member of this conversation");

  expect(toDbError(own)).toBe(own);
  expect(toDbError("text")).toBe("text");
});
