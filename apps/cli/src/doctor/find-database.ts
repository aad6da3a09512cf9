import { existsSync } from "node:fs";
import { join } from "node:path";
import { createDb } from "@echo/db";
import { type OpenDatabase, openDatabase } from "../stack/database.ts";
import type { Patient } from "./patient.ts";

/** The database as it is; null where the folder has none yet, for looking makes nothing. @throws CliError, EmbeddedError */
export async function findDatabase({ config, run, note }: Patient): Promise<OpenDatabase | null> {
  if (!config.isEmbedded) return openDatabase(config, note);
  if (run?.databaseUrl) return openRunning(run.databaseUrl);
  const folder = join(config.home, "postgres");
  if (!existsSync(join(folder, "data")) && !existsSync(join(folder, "elsewhere"))) return null;
  // On whichever port it is: to move it would end one that runs.
  return openDatabase({ ...config, POSTGRES_PORT: 0 }, note);
}

/** Of a running `start`, which looks after it by itself. */
async function openRunning(url: string): Promise<OpenDatabase> {
  const db = createDb({ url, poolMax: 1, applicationName: "echoctl doctor" });
  try {
    await db.ping();
  } finally {
    await db.close();
  }
  return { url, directUrl: url, embedded: null, close: async () => undefined };
}
