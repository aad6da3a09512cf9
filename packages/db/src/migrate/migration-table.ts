import type pg from "pg";
import type { Migration } from "./read-migrations.ts";

/** What one row of _prisma_migrations says. */
export interface AppliedMigration {
  name: string;
  checksum: string;
  finished: boolean;
}

/** As Prisma 7 makes it, where Prisma looks for it: the first schema of the search path. */
const createTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

export async function createMigrationTable(client: pg.Client): Promise<void> {
  if (!(await hasMigrationTable(client))) await client.query(createTable);
}

async function hasMigrationTable(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there",
  );
  return rows[0]?.there ?? false;
}

/** Rows that were rolled back by hand (prisma migrate resolve) do not count. */
export async function listApplied(client: pg.Client): Promise<AppliedMigration[]> {
  if (!(await hasMigrationTable(client))) return [];
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

export async function recordApplied(client: pg.Client, { name, checksum }: Migration): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES (gen_random_uuid()::text, $1, $2, now(), clock_timestamp(), 1)`,
    [checksum, name],
  );
}
