import { statement } from "@echo/db";
import { expect, test } from "vitest";
import { createTestDatabase } from "./create-test-database.ts";

const present = statement<{ name: string }>(
  "test_present_database",
  "SELECT datname AS name FROM pg_database WHERE datname = current_database()",
);

test("a test database has the schema and nobody else's rows", async () => {
  await using first = await createTestDatabase();
  await using second = await createTestDatabase();
  await first.db.prisma.user.create({
    data: { id: crypto.randomUUID(), email: "ada@example.org", emailNormalized: "ada@example.org" },
  });

  expect(await first.db.prisma.user.count()).toBe(1);
  expect(await second.db.prisma.user.count()).toBe(0);
});

test("a test database is gone after its test, also when a connection to it was left open", async () => {
  await using witness = await createTestDatabase();
  const database = await createTestDatabase();
  const [row] = await database.db.query(present);
  const name = row?.name ?? "";
  const left = await database.db.listener({ onNotification: () => undefined, onReconnect: () => undefined });

  await database[Symbol.asyncDispose]();
  await left.close();

  const found = await witness.db.query(
    statement<{ n: number }>("test_count_databases", "SELECT count(*) AS n FROM pg_database WHERE datname = $1"),
    [name],
  );
  expect(found).toEqual([{ n: 0 }]);
});
