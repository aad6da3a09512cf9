import { createDb } from "@echo/db";
import type { OpenDatabase } from "../stack/database.ts";
import { checkAddresses } from "./check-addresses.ts";
import { checkConsole } from "./check-console.ts";
import { checkData } from "./check-data.ts";
import { checkPolicy } from "./check-policy.ts";
import { checkPorts } from "./check-ports.ts";
import { checkProcesses } from "./check-processes.ts";
import { checkQueue } from "./check-queue.ts";
import { listServices } from "./check-server.ts";
import { examineDatabase } from "./examine-database.ts";
import { findDatabase } from "./find-database.ts";
import { type Finding, fine, look, lookAtAll } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** A stopped cluster may have to recover first. */
const openMs = 30_000;

/** Every check; what needs the database is left out when it is away. Nothing is made and nothing is changed. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const alone = lookAtAll([
    { name: "node", mend: "nvm install 22", work: () => fine(process.versions.node) },
    checkProcesses(patient),
    ...checkAddresses(patient),
    checkConsole(patient),
    ...checkPolicy(patient),
    checkQueue(patient),
  ]);
  const { finding, database } = await openForLooking(patient);
  // Named by nobody: what a pooler cannot keep is for it to find.
  const options = { poolMax: 4, applicationName: "echoctl doctor", namedStatements: false };
  const db = database && createDb({ ...database, ...options });
  try {
    const services = db ? await listServices(db).catch(() => new Set<string>()) : new Set<string>();
    const dataDir = patient.run?.dataDir ?? database?.embedded?.dataDir ?? null;
    const [first, ports, data, inDatabase] = await Promise.all([
      alone,
      lookAtAll(checkPorts(patient, services)),
      look(checkData(patient, dataDir, db)),
      database && db ? examineDatabase({ ...patient, database, db }) : [],
    ]);
    return [...first, ...ports, data, finding, ...inDatabase];
  } finally {
    await db?.close();
    await database?.close();
  }
}

/** The finding that it opened, and what opened. */
async function openForLooking(patient: Patient): Promise<{ finding: Finding; database: OpenDatabase | null }> {
  const { config } = patient;
  let database: OpenDatabase | null = null;
  const finding = await look({
    name: "database",
    mend: config.isEmbedded ? "npm start" : "export DATABASE_URL=postgresql://user:password@host:port/database",
    timeoutMs: openMs,
    work: async () => {
      database = await findDatabase(patient);
      if (!database) return fine(`none yet: the first start makes it in ${config.home}`);
      return fine(`${new URL(database.url).host}, ${config.isEmbedded ? "embedded" : "DATABASE_URL"}`);
    },
  });
  return { finding, database };
}
