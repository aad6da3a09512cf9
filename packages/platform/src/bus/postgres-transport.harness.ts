import { createDb, type Db, statement } from "@echo/db";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import type { BusHarness } from "./bus.conformance.ts";
import type { Bus } from "./bus.ts";
import { createBus } from "./create-bus.ts";
import { postgresTransport } from "./postgres-transport.ts";

const notifyRaw = statement("test_notify_raw", "SELECT pg_notify('echo_bus', $1)");
const terminate = statement(
  "test_terminate",
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
);

export interface PostgresHarness extends BusHarness, AsyncDisposable {
  /** What the buses logged. */
  lines: string[];
}

/** Buses on the database of `url`, each with a pool of its own as in processes of their own. */
export function openPostgresHarness(url: string, patienceMs: number): PostgresHarness {
  const name = new URL(url).pathname.slice(1);
  const lines: string[] = [];
  const logger = createLogger({ service: "test", destination: { write: (line) => void lines.push(line) } });
  const dbs: Db[] = [];
  const buses: Bus[] = [];
  const openDb = (at: string): Db => {
    const db = createDb({ url: at, poolMax: 2, applicationName: "bus" });
    dbs.push(db);
    return db;
  };
  // In another database, so that it survives what happens to ours.
  const outside = openDb(Object.assign(new URL(url), { pathname: "postgres" }).href);
  const allowConnections = async (word: "true" | "false") => {
    await outside.query(statement(`test_allow_${word}`, `ALTER DATABASE "${name}" ALLOW_CONNECTIONS ${word}`));
  };
  const dropConnections = async () => void (await outside.query(terminate, [name]));

  return {
    patienceMs,
    lines,
    dropConnections,
    async open() {
      const bus = await createBus({ transports: [postgresTransport(openDb(url))], logger, clock: systemClock });
      buses.push(bus);
      return bus;
    },
    async publishRaw(record) {
      await openDb(url).query(notifyRaw, [record]);
    },
    async cut() {
      await allowConnections("false");
      await dropConnections();
    },
    mend: () => allowConnections("true"),
    async [Symbol.asyncDispose]() {
      await allowConnections("true");
      for (const bus of buses) await bus.close();
      for (const db of dbs) await db.close();
    },
  };
}
