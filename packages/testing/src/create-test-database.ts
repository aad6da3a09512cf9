import { randomBytes } from "node:crypto";
import { createDb, type Db } from "@echo/db";
import pg from "pg";
import { inject } from "vitest";
import { templateName } from "./test-postgres.ts";

export interface TestDatabase extends AsyncDisposable {
  url: string;
  db: Db;
}

export interface TestDatabaseOptions {
  /** Connections of `db`. Default 10. */
  poolMax?: number;
  /** False: an empty database. Default true. */
  migrated?: boolean;
}

/** A database of its own for one test, dropped with it: `await using database = await createTestDatabase()`. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { adminUrl, url: base } = inject("postgres");
  const name = `test_${randomBytes(8).toString("hex")}`;
  const template = options.migrated === false ? "template0" : templateName;
  await asAdmin(adminUrl, `CREATE DATABASE ${name} OWNER echo TEMPLATE ${template} STRATEGY file_copy`);
  const url = Object.assign(new URL(base), { pathname: name }).href;
  const db = createDb({ url, poolMax: options.poolMax ?? 10, applicationName: name });
  return {
    url,
    db,
    async [Symbol.asyncDispose]() {
      await db.close();
      // Servers under test may hold connections that they will never give back.
      await asAdmin(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function asAdmin(adminUrl: string, statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
