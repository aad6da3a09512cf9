import { resolve } from "node:path";
import pg from "pg";
import { adminRole, readCredentials, urlOf } from "./credentials.ts";
import { findPlacement } from "./placement.ts";
import { endPostmaster, findPostmaster } from "./postmaster.ts";

/**
 * Stops the server that a killed starter left behind. One that somebody is connected to goes on: he may be a process
 * that `echoctl run` started. @throws EmbeddedError
 */
export async function stopUnusedEmbedded({ home }: { home: string }): Promise<void> {
  const { dataDir, ownDir } = await findPlacement(resolve(home));
  const running = await findPostmaster(dataDir);
  const credentials = running && (await readCredentials(ownDir));
  if (!running || !credentials) return;
  const url = urlOf({ role: adminRole, password: credentials.adminPassword, port: running.port, database: "postgres" });
  if (await isUnused(url)) await endPostmaster(dataDir);
}

async function isUnused(adminUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const others =
      "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1";
    return (await client.query(others)).rowCount === 0;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
