import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase } from "@echo/testing/database";
import { programArgs } from "@echo/testing/program";
import { expect, test, vi } from "vitest";
import { type Db, statement } from "../db.ts";
import { migrate, pendingMigrations } from "./migrate.ts";
import { findMigrationsDir, readMigrations } from "./read-migrations.ts";
import { migrationsOf } from "./test-migrations.ts";

const all = (await readMigrations(findMigrationsDir())).map(({ name }) => name);
const first = "20270101000000_first";
const second = "20270102000000_second";

interface MigrationRow {
  migration_name: string;
  checksum: string;
  applied_steps_count: number;
  is_finished: boolean;
}
const recorded = statement<MigrationRow>(
  "test_recorded",
  `SELECT migration_name, checksum, applied_steps_count, finished_at IS NOT NULL AS is_finished
   FROM _prisma_migrations ORDER BY started_at`,
);
const names = async (db: Db): Promise<string[]> => (await db.query(recorded)).map((row) => row.migration_name);

test("an empty database gets every migration, once", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const { url, db } = database;

  expect(await pendingMigrations({ url })).toEqual(all);
  expect(await migrate({ url })).toEqual(all);
  expect(await migrate({ url })).toEqual([]);

  expect(await pendingMigrations({ url })).toEqual([]);
  expect(await db.query(recorded)).toEqual(
    all.map((name) => ({
      migration_name: name,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      applied_steps_count: 1,
      is_finished: true,
    })),
  );
  expect(await db.prisma.user.count()).toBe(0);
});

test("asking what is pending writes nothing", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await pendingMigrations({ url: database.url });

  const table = statement<{ name: string | null }>(
    "test_table",
    "SELECT to_regclass('_prisma_migrations')::text AS name",
  );
  expect(await database.db.query(table)).toEqual([{ name: null }]);
});

test("four processes at once apply each migration once, and all of them succeed", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const { url } = database;

  const applied = await Promise.all([1, 2, 3, 4].map(() => migrateInProcess(url).done));

  expect(applied.flat()).toEqual(all);
  expect(await names(database.db)).toEqual(all);
});

test("a process that is killed while it migrates leaves nothing behind, and the next one goes on", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using migrations = await migrationsOf({ [first]: "CREATE TABLE a (id int); SELECT pg_sleep(60);" });
  const { url, db } = database;
  const { dir } = migrations;
  const running = statement<{ pid: number }>(
    "test_running",
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'echo-migrate' AND query LIKE '%pg_sleep(60)%'",
  );
  const doomed = migrateInProcess(url, dir);
  await vi.waitUntil(async () => (await db.query(running)).length === 1, { timeout: 15_000 });

  doomed.child.kill("SIGKILL");
  await doomed.done;
  // PostgreSQL notices at its next word to the client; a sleep has none.
  await db.query(
    statement(
      "test_end",
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'echo-migrate'",
    ),
  );
  await migrations.write(first, "CREATE TABLE a (id int);");

  expect(await migrate({ url, dir })).toEqual([first]);
  expect(await names(db)).toEqual([first]);
});

test("a broken migration changes nothing, names itself and its line, and keeps those before it", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using migrations = await migrationsOf({
    [first]: "CREATE TABLE a (id int);",
    [second]: "CREATE TABLE b (id int);\nINSERT INTO b VALUES (1);\nALTER TABLE nowhere ADD COLUMN c int;\n",
  });
  const { url, db } = database;
  const { dir } = migrations;

  await expect(migrate({ url, dir })).rejects.toMatchObject({
    name: "MigrationError",
    message: `The migration ${second} failed and changed nothing: relation "nowhere" does not exist`,
  });
  expect(await names(db)).toEqual([first]);
  expect(await pendingMigrations({ url, dir })).toEqual([second]);

  await migrations.write(second, "CREATE TABLE b (id int);\nCREATE TABEL c (id int);");
  await expect(migrate({ url, dir })).rejects.toThrow(/syntax error at or near "TABEL" \(line 2\)/);
  await migrations.write(second, "CREATE TABLE b (id int);");
  expect(await migrate({ url, dir })).toEqual([second]);
});

test("a script may hold function bodies and semicolons in strings", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using migrations = await migrationsOf({
    [first]:
      "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN 'a;b'; END $f$;\nCREATE TABLE a AS SELECT f() AS t;",
  });
  await migrate({ url: database.url, dir: migrations.dir });

  expect(await database.db.query(statement("test_a", "SELECT t FROM a"))).toEqual([{ t: "a;b" }]);
});

test("an applied migration that was edited, renamed or removed is refused", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using migrations = await migrationsOf({ [first]: "CREATE TABLE a (id int);\n" });
  const { url } = database;
  const { dir } = migrations;
  await migrate({ url, dir });

  await migrations.write(first, "CREATE TABLE a (id bigint);\n");
  await expect(migrate({ url, dir })).rejects.toThrow(`The migration ${first} was edited after it had been applied`);
  await expect(pendingMigrations({ url, dir })).rejects.toThrow("was edited");

  await rename(join(dir, first), join(dir, second));
  await expect(migrate({ url, dir })).rejects.toThrow(`has the migration ${first}, which this Echo does not know`);
});

test("another line ending is no edit", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using migrations = await migrationsOf({ [first]: "CREATE TABLE a (\n  id int\n);\n" });
  const { url } = database;
  const { dir } = migrations;
  await migrate({ url, dir });

  await migrations.write(first, "CREATE TABLE a (\r\n  id int\r\n);\r\n");

  expect(await migrate({ url, dir })).toEqual([]);
});

test("a migration that failed earlier under another tool stops everything until somebody resolves it", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using migrations = await migrationsOf({ [first]: "CREATE TABLE a (id int);" });
  const { url, db } = database;
  const { dir } = migrations;
  await migrate({ url, dir });
  await db.query(statement("test_fail", "UPDATE _prisma_migrations SET finished_at = NULL, logs = 'ERROR'"));

  await expect(migrate({ url, dir })).rejects.toThrow(`The migration ${first} failed on this database earlier`);

  await db.query(statement("test_resolve", "UPDATE _prisma_migrations SET rolled_back_at = now()"));
  await db.query(statement("test_drop", "DROP TABLE a"));
  expect(await migrate({ url, dir })).toEqual([first]);
});

test("a folder without its script is one clear sentence", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using migrations = await migrationsOf({});
  await mkdir(join(migrations.dir, first));

  const migrating = migrate({ url: database.url, dir: migrations.dir });

  await expect(migrating).rejects.toMatchObject({
    name: "MigrationError",
    message: expect.stringContaining(`The migration ${first} cannot be read`),
  });
});

test("a database that is not there is a typed error", async () => {
  await expect(migrate({ url: "postgresql://nobody@127.0.0.1:1/none" })).rejects.toMatchObject({
    name: "DbError",
    kind: "unavailable",
  });
});

/** Another process of Echo's; answers what it applied, nothing when it was killed. Its working directory is not the tree. */
function migrateInProcess(url: string, dir?: string) {
  const entry = JSON.stringify(new URL("./migrate.ts", import.meta.url).href);
  const program = `const { migrate } = await import(${entry});
    process.stdout.write(JSON.stringify(await migrate(${JSON.stringify({ url, dir })})));`;
  const child = spawn(process.execPath, programArgs(program), {
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const done = once(child, "close").then((): string[] => JSON.parse(output || "[]"));
  return { child, done };
}
