import { join } from "node:path";
import pg from "pg";
import { adminRole, applicationRole, type Credentials, databaseName } from "./credentials.ts";
import { EmbeddedError } from "./embedded-error.ts";
import type { Placement } from "./placement.ts";
import { runProgram } from "./run-program.ts";

/** The application's role and its database, made or made anew: also after a start that was killed half-way. */
export async function provision(adminUrl: string, { password }: Credentials): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
              EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
      [applicationRole, databaseName],
    );
    const verb = rows[0]?.role ? "ALTER" : "CREATE";
    await client.query(`${verb} ROLE ${applicationRole} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
    if (!rows[0]?.database) await client.query(`CREATE DATABASE ${databaseName} OWNER ${applicationRole}`);
  } finally {
    await client.end();
  }
}

/** Gives the superuser of a stopped cluster the password that we know: its file was lost. */
export async function resetAdminPassword(placement: Placement, { adminPassword }: Credentials): Promise<void> {
  const { code, output } = await runProgram({
    command: join(placement.native.dir, "bin/postgres"),
    args: ["--single", "-D", placement.dataDir, "postgres"],
    account: placement.account,
    input: `ALTER ROLE ${adminRole} PASSWORD ${pg.escapeLiteral(adminPassword)};\n`,
  });
  if (code !== 0 || /ERROR: /.test(output)) {
    throw new EmbeddedError(`The lost password of ${placement.dataDir} could not be replaced: ${output}`);
  }
}
