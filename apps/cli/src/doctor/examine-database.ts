import { join } from "node:path";
import { type Db, pendingMigrations } from "@echo/db";
import type { OpenDatabase } from "../stack/database.ts";
import { hostAndPort } from "../stack/process-kinds.ts";
import { requireSameSecret, requireSecret } from "../stack/secret.ts";
import { checkClock } from "./check-clock.ts";
import { examineDrivers } from "./check-drivers.ts";
import { checkKeys } from "./check-keys.ts";
import { checkPooler } from "./check-pooler.ts";
import { checkServer } from "./check-server.ts";
import { checkStaff } from "./check-staff.ts";
import { type Check, type Finding, fault, fine, look, lookAtAll, type Verdict } from "./finding.ts";
import type { Patient } from "./patient.ts";

interface OpenPatient extends Patient {
  database: OpenDatabase;
  db: Db;
}

/** What only an open database tells; what reads its tables is left out until they are there as this Echo knows them. */
export async function examineDatabase(patient: OpenPatient): Promise<Finding[]> {
  const { db, clock, config } = patient;
  const [migrations, server, pooler, skew, drivers] = await Promise.all([
    look(checkMigrations(patient)),
    lookAtAll(checkServer(patient, db)),
    look(checkPooler(patient)),
    look(checkClock(db, clock)),
    examineDrivers(db, config.REDIS_URL),
  ]);
  const inTables = migrations.ok ? [...(await examineSecret(patient)), await look(checkStaff(patient, db))] : [];
  return [...server, pooler, skew, migrations, ...inTables, ...drivers];
}

function checkMigrations({ database }: OpenPatient): Check {
  const work = async () => judgeMigrations(await pendingMigrations({ url: database.directUrl }));
  return { name: "migrations", mend: "git pull", work };
}

export function judgeMigrations(pending: readonly string[]): Verdict {
  return pending.length === 0 ? fine("none pending") : fault(`pending: ${pending.join(", ")}`, "echoctl migrate");
}

const newSecret = 'export ECHO_SECRET="$(openssl rand -base64 32 | tr +/ -_)"';

/** The secret, and the keys that were encrypted under it. */
async function examineSecret({ config, env, run, database, db, clock }: OpenPatient): Promise<Finding[]> {
  const previous = env.ECHO_SECRET_PREVIOUS;
  let secret: string | null = null;
  const finding = await look({
    name: "secret",
    mend: config.isEmbedded ? `cp YOUR-BACKUP ${join(config.home, "secret")}` : newSecret,
    work: async () => {
      const found = await requireSecret(config, env.ECHO_SECRET);
      await requireSameSecret(database, { secret: found, previous });
      secret = found;
      return fine(`${env.ECHO_SECRET ? "ECHO_SECRET" : join(config.home, "secret")} reads what the database holds`);
    },
  });
  if (secret === null) return [finding];
  const apiAddress = hostAndPort(config.ECHO_HOST, run?.ports.api ?? config.API_PORT);
  const bytes = new Uint8Array(Buffer.from(secret, "base64url"));
  return [finding, await look(checkKeys({ db, clock, secret: bytes, apiAddress }))];
}
