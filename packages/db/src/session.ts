import pg from "pg";
import type { Session, Statement } from "./db.ts";
import { toDbError } from "./db-error.ts";
import { runStatement } from "./run-statement.ts";
import { liftBounds } from "./session-settings.ts";

export interface SessionOptions {
  url: string;
  applicationName: string;
}

const connectMs = 5_000;

/** Not a pooled connection: it bears no time limit, and what it locks is free when it ends, however it ends. */
export async function runSession<T>(
  { url, applicationName }: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
  });
  // A lost connection fails the query that waits for it.
  client.on("error", () => undefined);
  const query = <Row>(statement: Statement<Row>, values: readonly unknown[] = []) =>
    runStatement(client, { statement, values, named: false });
  try {
    await client.connect();
    await client.query(liftBounds);
    return await work({ query });
  } catch (error) {
    throw toDbError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
