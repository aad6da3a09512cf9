import pg from "pg";
import { toDbError } from "./db-error.ts";
import { applySettings, settingsFor } from "./session-settings.ts";

/** That of the migrations: two that set the same row would fail. */
const lockKey = 72707369;

const known = `SELECT current_setting('server_version_num')::int AS version, current_database() AS database,
  coalesce((SELECT setconfig FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)), '{}') AS defaults`;

interface Known {
  version: number;
  database: string;
  defaults: string[];
}

/**
 * Makes what a connection must have the default of its role in this database. Behind a pooler that gives a server's connection
 * to a client for one transaction, what a client sets stays on whichever it was given: the others lack it. A default
 * comes with each connection that the pooler opens (ADR 23). Answers whether something was to be set.
 * @throws DbError
 */
export async function setRoleDefaults(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, application_name: "echo-migrate" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("BEGIN");
    await client.query(`SELECT pg_advisory_xact_lock(${lockKey})`);
    const { rows } = await client.query<Known>(known);
    const missing = rows.flatMap(missingOf);
    for (const text of missing) await client.query(text);
    // The one that does it is older than the defaults.
    await client.query(applySettings);
    await client.query("COMMIT");
    return missing.length > 0;
  } catch (error) {
    throw toDbError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const missingOf = ({ version, database, defaults }: Known): string[] =>
  settingsFor(version)
    .filter(([name, value]) => !defaults.includes(`${name}=${value}`))
    .map(([name, value]) => {
      const where = `CURRENT_USER IN DATABASE ${pg.escapeIdentifier(database)}`;
      return `ALTER ROLE ${where} SET ${pg.escapeIdentifier(name)} = ${pg.escapeLiteral(value)}`;
    });
