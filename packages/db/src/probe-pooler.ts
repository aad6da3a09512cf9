import { randomBytes } from "node:crypto";
import pg from "pg";
import { toDbError } from "./db-error.ts";
import { boundsFor } from "./session-settings.ts";

const connectMs = 5_000;
const hearMs = 1_000;

/** What stands between a URL and the server. */
export interface PoolerFacts {
  /** Something that shares the server's connections among clients. */
  isPooled: boolean;
  /** What LISTENs hears: a connection is its own for as long as it is open. */
  keepsSessions: boolean;
  keepsNamedStatements: boolean;
  /** Bounds of time that a connection lacks when nobody sets them on it. */
  unbounded: string[];
}

/** Asks by trying: no pooler says what it is. It needs two connections. @throws DbError */
export async function probePooler(url: string): Promise<PoolerFacts> {
  const clients = [1, 2].map(
    () =>
      new pg.Client({
        connectionString: url,
        application_name: "echoctl doctor",
        connectionTimeoutMillis: connectMs,
        query_timeout: connectMs,
      }),
  );
  const [one, two] = clients as [pg.Client, pg.Client];
  for (const client of clients) client.on("error", () => undefined);
  try {
    for (const client of clients) await client.connect();
    const keepsSessions = await isHeard(one, two);
    return {
      isPooled: !keepsSessions || !(await isOwnBackend(one)),
      keepsSessions,
      keepsNamedStatements: await areStatementsKept(one, two),
      unbounded: await listUnbounded(one),
    };
  } catch (error) {
    throw toDbError(error);
  } finally {
    for (const client of clients) await client.end().catch(() => undefined);
  }
}

/** A server tells each client the number of its process; a pooler makes one up, for it has none of its own to give. */
async function isOwnBackend(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  // Not in the published type.
  return "processID" in client && client.processID === rows[0]?.pid;
}

async function isHeard(listener: pg.Client, speaker: pg.Client): Promise<boolean> {
  const channel = `echo_probe_${randomBytes(8).toString("hex")}`;
  const heard = new Promise<boolean>((resolve) => {
    listener.once("notification", () => resolve(true));
    setTimeout(() => resolve(false), hearMs).unref();
  });
  await listener.query(`LISTEN ${channel}`);
  await speaker.query(`NOTIFY ${channel}`);
  const answer = await heard;
  await listener.query(`UNLISTEN ${channel}`);
  return answer;
}

const notThere = "26000";
const alreadyThere = "42P05";

/** The name of one client must be there at its next call, and must not be there for another client. */
async function areStatementsKept(one: pg.Client, two: pg.Client): Promise<boolean> {
  const name = `echo_probe_${randomBytes(8).toString("hex")}`;
  const run = (client: pg.Client) => client.query({ name, text: "SELECT 1" });
  try {
    await run(one);
    await two.query("BEGIN");
    await run(two);
    await two.query("COMMIT");
    await run(one);
    return true;
  } catch (error) {
    await two.query("ROLLBACK");
    if (error instanceof pg.DatabaseError && [notThere, alreadyThere].includes(error.code ?? "")) return false;
    throw error;
  }
}

// What it had before anybody set something on it.
const bounds = `SELECT name FROM pg_settings WHERE name = ANY($1) AND reset_val = '0' ORDER BY name`;

async function listUnbounded(client: pg.Client): Promise<string[]> {
  const version = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const { rows } = await client.query<{ name: string }>(bounds, [boundsFor(version.rows[0]?.version ?? 0)]);
  return rows.map(({ name }) => name);
}
