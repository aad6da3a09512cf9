import { CliError } from "../cli-error.ts";
import type { CliConfig } from "../config.ts";
import type { Terminal } from "../terminal.ts";
import { migrateDatabase, type OpenDatabase, openDatabase } from "./database.ts";
import { lockHome } from "./lock.ts";
import { makeHome } from "./make-home.ts";
import type { ProcessKind } from "./process-kinds.ts";
import { requireSameSecret, requireSecret } from "./secret.ts";
import { requireFreePorts, type StackPorts } from "./stack.ts";

export interface HomeOptions {
  terminal: Terminal;
  config: CliConfig;
  /** What will listen. */
  kinds: readonly ProcessKind[];
  ports: StackPorts;
}

export interface OpenHome {
  secret: string;
  /** Migrated. */
  database: OpenDatabase;
}

/**
 * Holds ECHO_HOME for as long as the work takes: nobody else starts there, its ports are free, its database is open and
 * migrated, its secret reads it. @throws CliError, EmbeddedError, MigrationError: one sentence each
 */
export async function withHome(
  { terminal, config, kinds, ports }: HomeOptions,
  work: (home: OpenHome) => Promise<void>,
): Promise<void> {
  await makeHome(config.home);
  const lock = await lockHome(config.home);
  if (!lock)
    throw new CliError(`Echo already runs in ${config.home}: stop it first, or set ECHO_HOME to another folder.`);
  try {
    await requireFreePorts(kinds, ports, config);
    const secret = await requireSecret(config, terminal.env.ECHO_SECRET);
    const database = await openDatabase(config, terminal.note);
    try {
      await migrateDatabase(database, terminal.note);
      await requireSameSecret(database, { secret, previous: terminal.env.ECHO_SECRET_PREVIOUS });
      await work({ secret, database });
    } finally {
      // Whoever started it: a start that ends takes the database of its folder with it.
      await database.embedded?.stop();
    }
  } finally {
    await lock.release();
  }
}
