import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { statement } from "./db.ts";

const lock = statement<{ isMine: boolean }>("test_session_lock", 'SELECT pg_try_advisory_lock(815) AS "isMine"');
const vacuum = statement("test_session_vacuum", "VACUUM messages.log_head");
const settings = statement<{ limit: string }>(
  "test_session_limit",
  `SELECT current_setting('statement_timeout') AS "limit"`,
);

test("a session keeps one connection, and its locks end with it", async () => {
  await using database = await createTestDatabase();
  const { db } = database;

  const taken = await db.session(async (session) => {
    const [own] = await session.query(lock);
    const others = await db.session((other) => other.query(lock));
    const [again] = await session.query(lock);
    return { own: own?.isMine, others: others[0]?.isMine, again: again?.isMine };
  });

  expect(taken).toEqual({ own: true, others: false, again: true });
  expect(await db.session((session) => session.query(lock))).toEqual([{ isMine: true }]);
});

test("a session runs what refuses a transaction, without a limit of time", async () => {
  await using database = await createTestDatabase();
  const limit = await database.db.session(async (session) => {
    await session.query(vacuum);
    return session.query(settings);
  });
  expect(limit).toEqual([{ limit: "0" }]);
});

test("a session's fault is a DbError", async () => {
  await using database = await createTestDatabase();
  const fault = database.db.session((session) => session.query(statement("test_session_fault", "SELECT 1 / 0")));
  await expect(fault).rejects.toMatchObject({ name: "DbError" });
});
