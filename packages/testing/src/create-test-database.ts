import { randomBytes } from "node:crypto";
import { createDb, type Db } from "@echo/db";
import { inject } from "vitest";
import { runAsAdmin, urlOf } from "./test-postgres.ts";

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

/** For a connection: a machine that runs several test files at once is slow to give one. */
export const patientMs = 10_000;

/** A database of its own for one test, dropped with it: `await using database = await createTestDatabase()`. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const postgres = inject("postgres");
  const { adminUrl, role } = postgres;
  const name = `test_${randomBytes(8).toString("hex")}`;
  const template = options.migrated === false ? "template0" : postgres.template;
  await runAsAdmin(adminUrl, `CREATE DATABASE ${name} OWNER ${role} TEMPLATE ${template} STRATEGY file_copy`);
  const url = urlOf(postgres, name);
  const db = createDb({ url, poolMax: options.poolMax ?? 10, connectMs: patientMs, applicationName: name });
  return {
    url,
    db,
    async [Symbol.asyncDispose]() {
      await db.close();
      // Servers under test may hold connections that they will never give back.
      await runAsAdmin(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
