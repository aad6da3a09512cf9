import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import { statement } from "../db.ts";
import { migrate, pendingMigrations } from "./migrate.ts";
import { findMigrationsDir, readMigrations } from "./read-migrations.ts";

// Prisma's command line takes a second a call on an idle machine.
vi.setConfig({ testTimeout: 120_000 });

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const all = (await readMigrations(findMigrationsDir())).map(({ name }) => name);

interface PrismaResult {
  code: number;
  output: string;
}

/** Prisma's own command line on a database, with the engine of scripts/. */
async function prisma(url: string, words: string[]): Promise<PrismaResult> {
  const dir = await mkdtemp(join(tmpdir(), "echo-prisma-"));
  const config = join(dir, "prisma.config.mjs");
  const content = {
    schema: `${root}prisma/schema`,
    migrations: { path: `${root}prisma/migrations` },
    datasource: { url },
  };
  await writeFile(config, `export default ${JSON.stringify(content)};`);
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: `${root}scripts/schema-engine.mjs`,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  };
  const args = [`${root}node_modules/prisma/build/index.js`, ...words, "--config", config];
  return await new Promise<PrismaResult>((resolve) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  }).finally(() => rm(dir, { recursive: true, force: true }));
}

const diff = ["migrate", "diff", "--from-config-datasource", "--to-schema", `${root}prisma/schema`, "--exit-code"];

test("the migrations make what prisma/schema says, and a column more is noticed", async () => {
  await using database = await createTestDatabase();
  const { url, db } = database;

  expect(await prisma(url, diff)).toMatchObject({ code: 0, output: expect.stringContaining("No difference detected") });

  await db.query(statement("test_extra", "ALTER TABLE auth.users ADD COLUMN extra integer"));
  expect(await prisma(url, diff)).toMatchObject({ code: 2, output: expect.stringContaining("Removed column `extra`") });
});

test("Prisma finds nothing to do after our migrations", async () => {
  await using database = await createTestDatabase();
  const { url } = database;

  expect(await prisma(url, ["migrate", "status"])).toMatchObject({
    code: 0,
    output: expect.stringContaining("Database schema is up to date!"),
  });
  expect(await prisma(url, ["migrate", "deploy"])).toMatchObject({
    code: 0,
    output: expect.stringContaining("No pending migrations to apply"),
  });
});

test("we find nothing to do after prisma migrate deploy", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const { url } = database;
  expect(await pendingMigrations({ url })).toEqual(all);

  expect(await prisma(url, ["migrate", "deploy"])).toMatchObject({ code: 0 });

  expect(await pendingMigrations({ url })).toEqual([]);
  expect(await migrate({ url })).toEqual([]);
});
