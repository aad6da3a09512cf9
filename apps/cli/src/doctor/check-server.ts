import { type Db, statement } from "@echo/db";
import { poolMax, readConfig } from "@echo/platform";
import { z } from "zod";
import { type Check, fault, fine, type Verdict, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

const oldest = 15;
const newest = 18;

/** The database server itself. */
export function checkServer(patient: Patient, db: Db): Check[] {
  return [
    {
      name: "postgresql",
      mend: "SQL: SHOW server_version",
      work: async () => judgeVersion((await readServer(db)).version),
    },
    {
      name: "connections",
      mend: "SQL: SHOW max_connections",
      work: async () => judgeConnections({ ...(await readServer(db)), wanted: wantedBy(patient) }),
    },
  ];
}

/** @param version as PostgreSQL counts: 180004 is 18.4 */
export function judgeVersion(version: number): Verdict {
  const major = Math.floor(version / 10_000);
  const said = `${major}.${version % 10_000}`;
  if (major >= oldest && major <= newest) return fine(said);
  return fault(`${said}: Echo is for PostgreSQL ${oldest} to ${newest}`, "pg_upgrade");
}

export interface Connections {
  /** For roles that are no superuser. */
  available: number;
  inUse: number;
  wanted: { processes: number; connections: number };
}

export function judgeConnections({ available, inUse, wanted }: Connections): Verdict {
  const { processes, connections } = wanted;
  const said = `${processes} processes may take ${connections} of ${available}; ${inUse} in use`;
  if (connections > available) {
    const share = Math.max(1, Math.floor(available / processes) - besidePool);
    return fault(`${said}: calls will wait for a connection that is refused`, `export DB_POOL_MAX=${share}`);
  }
  if (inUse > available * 0.8) {
    return warning(said, "SQL: SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1");
  }
  return fine(said);
}

/** Of each process: its listener, and a session that looks after partitions. */
const besidePool = 2;
const poolOf = (most: number) => z.object({ DB_POOL_MAX: poolMax(most) });
const pools = { api: poolOf(25), realtime: poolOf(10), worker: poolOf(10) };

/** By those that run, or by one of each. */
function wantedBy({ env, run }: Patient): Connections["wanted"] {
  const kinds = (run?.processes.map(({ kind }) => kind) ?? ["api", "realtime", "worker"]).filter(hasPool);
  const each = kinds.map((kind) => readConfig(pools[kind], env).DB_POOL_MAX + besidePool);
  return { processes: kinds.length, connections: each.reduce((sum, count) => sum + count, 0) };
}

const hasPool = (kind: string): kind is keyof typeof pools => Object.hasOwn(pools, kind);

const server = statement<{ version: number; available: number; inUse: number }>(
  "doctor_server",
  `SELECT current_setting('server_version_num')::int AS version,
     current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true), '0')::int AS available,
     (SELECT count(*)::int FROM pg_stat_activity WHERE datid IS NOT NULL) AS "inUse"`,
);

async function readServer(db: Db): Promise<Omit<Connections, "wanted"> & { version: number }> {
  const [row] = await db.query(server);
  return row ?? { version: 0, available: 0, inUse: 0 };
}

const names = statement<{ name: string }>(
  "doctor_application_names",
  "SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE datname = current_database()",
);

/** Which of our processes have this database open: `api`, `realtime`. */
export async function listServices(db: Db): Promise<Set<string>> {
  const rows = await db.query(names);
  return new Set(rows.map(({ name }) => name.replace(/^echo-/, "")));
}
