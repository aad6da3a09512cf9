import pg from "pg";
import { toDbError } from "../db-error.ts";
import { type Log, silent } from "../log.ts";
import { liftBounds } from "../session-settings.ts";
import { MigrationError } from "./migration-error.ts";
import { type AppliedMigration, createMigrationTable, listApplied, recordApplied } from "./migration-table.ts";
import { findMigrationsDir, type Migration, readMigrations } from "./read-migrations.ts";

export interface MigrateOptions {
  /** Not through a pooler: the lock belongs to the session. */
  url: string;
  /** Default: prisma/migrations of this installation. */
  dir?: string;
  log?: Log;
  /** Called when a migration is written and not committed yet. */
  beforeCommit?(): void;
}

/** The advisory lock that `prisma migrate deploy` takes too. */
const lockKey = 72707369;
/** Also for the tables that a migration changes: traffic that waits behind it must not wait for ever. */
const lockMs = 60_000;

/**
 * Applies what is pending, each migration and its record in one transaction, and answers their names. Several processes
 * may call it at once; `prisma migrate deploy` sees the same state.
 * @throws MigrationError with one sentence for people; DbError when the database is away
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { log = silent } = options;
  const migrations = await readMigrations(options.dir ?? findMigrationsDir());
  return await withConnection(options.url, async (client) => {
    await takeLock(client);
    await createMigrationTable(client);
    const pending = pendingOf(migrations, await listApplied(client));
    for (const migration of pending) {
      await apply(client, migration, options.beforeCommit);
      log("info", "applied a migration", { migration: migration.name });
    }
    return pending.map(({ name }) => name);
  });
}

/**
 * Names of the migrations that `migrate` would apply.
 * @throws MigrationError, DbError as migrate
 */
export async function pendingMigrations(options: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(options.dir ?? findMigrationsDir());
  const applied = await withConnection(options.url, listApplied);
  return pendingOf(migrations, applied).map(({ name }) => name);
}

async function withConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "echo-migrate",
    connectionTimeoutMillis: 10_000,
  });
  // A lost connection fails the query that waits for it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(liftBounds);
    return await work(client);
  } catch (error) {
    throw toDbError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function takeLock(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${lockMs}`);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== "55P03") throw error;
    throw new MigrationError(
      `Another process has been migrating this database for more than ${lockMs / 1000} seconds; wait for it, or end it.`,
      { cause: error },
    );
  }
}

function pendingOf(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished } of applied) {
    const migration = byName.get(name);
    if (!finished) {
      throw new MigrationError(
        `The migration ${name} failed on this database earlier and was left half-way: mend the database, then say so with "prisma migrate resolve".`,
      );
    }
    if (!migration) {
      throw new MigrationError(
        `The database has the migration ${name}, which this Echo does not know: a newer Echo made it.`,
      );
    }
    if (!migration.accepted.has(checksum)) {
      throw new MigrationError(
        `The migration ${name} was edited after it had been applied to this database: put the file back as it was.`,
      );
    }
    byName.delete(name);
  }
  return [...byName.values()];
}

async function apply(client: pg.Client, migration: Migration, beforeCommit?: () => void): Promise<void> {
  try {
    await client.query("BEGIN");
    // Without values: the simple protocol takes a script of many statements, function bodies included.
    await client.query(migration.script);
    await recordApplied(client, migration);
    beforeCommit?.();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    if (!(error instanceof pg.DatabaseError)) throw error;
    throw new MigrationError(
      `The migration ${migration.name} failed and changed nothing: ${error.message}${placeOf(migration, error)}`,
      { cause: error },
    );
  }
}

/** PostgreSQL counts characters from the script's beginning. */
function placeOf({ script }: Migration, { position }: pg.DatabaseError): string {
  if (position === undefined) return "";
  return ` (line ${script.slice(0, Number(position)).split("\n").length})`;
}
