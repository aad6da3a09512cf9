import { createDb, type EmbeddedPostgres, migrate, pendingMigrations, setRoleDefaults, startEmbedded } from "@echo/db";
import { passKillPoint } from "@echo/platform";
import { CliError } from "../cli-error.ts";
import type { CliConfig } from "../config.ts";

type Note = (line: string) => void;

/** The database that a command works on: the operator's, or ECHO_HOME's own. */
export interface OpenDatabase {
  url: string;
  directUrl: string;
  /** Null where DATABASE_URL was given. */
  embedded: EmbeddedPostgres | null;
  /** Stops the embedded server unless it ran before. */
  close(): Promise<void>;
}

const logTo = (note: Note) => (level: string, message: string) => {
  if (level !== "info" && level !== "debug") note(message);
};

/** @throws CliError, EmbeddedError: one sentence each */
export async function openDatabase(config: CliConfig, note: Note): Promise<OpenDatabase> {
  if (config.DATABASE_URL !== undefined) return openGiven(config.DATABASE_URL, config.DATABASE_DIRECT_URL);
  const embedded = await startEmbedded({ home: config.home, port: config.POSTGRES_PORT, log: logTo(note) });
  return {
    url: embedded.url,
    directUrl: embedded.url,
    embedded,
    close: async () => {
      if (!embedded.adopted) await embedded.stop();
    },
  };
}

async function openGiven(url: string, directUrl = url): Promise<OpenDatabase> {
  for (const address of new Set([url, directUrl])) {
    const db = createDb({ url: address, poolMax: 1, applicationName: "echoctl", namedStatements: false });
    try {
      await db.ping();
    } catch (error) {
      const { host, pathname } = new URL(address);
      const reason = error instanceof Error ? error.message : String(error);
      throw new CliError(`The database ${host}${pathname} (DATABASE_URL) does not answer: ${reason}`, { cause: error });
    } finally {
      await db.close();
    }
  }
  return { url, directUrl, embedded: null, close: async () => undefined };
}

/**
 * Applies what is pending; before a pooler also gives the role its defaults, which no connection through it can set.
 * @throws MigrationError, DbError
 */
export async function migrateDatabase(
  { url, directUrl }: Pick<OpenDatabase, "url" | "directUrl">,
  note: Note,
): Promise<void> {
  const beforeCommit = () => passKillPoint("migrate");
  for (const name of await migrate({ url: directUrl, beforeCommit })) note(`applied migration ${name}`);
  if (url !== directUrl && (await setRoleDefaults(url))) note("set the role's time limits and zone as its defaults");
}

/** The folder's own database is migrated; a given one is its operator's to migrate, once per release. @throws CliError */
export async function requireSchema(config: CliConfig, database: OpenDatabase, note: Note): Promise<void> {
  if (config.isEmbedded) return migrateDatabase(database, note);
  const pending = await pendingMigrations({ url: database.directUrl });
  if (pending.length > 0)
    throw new CliError(`Migrations are pending (${pending.join(", ")}): run "echoctl migrate" first.`);
}
