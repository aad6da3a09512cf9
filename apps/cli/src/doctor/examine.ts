import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createDb, type Db, pendingMigrations } from "@echo/db";
import { createDrivers, createLogger, systemClock } from "@echo/platform";
import { CliError } from "../cli-error.ts";
import type { CliConfig } from "../config.ts";
import { type OpenDatabase, openDatabase } from "../stack/database.ts";
import { readRunFile } from "../stack/run-file.ts";
import { requireSameSecret, requireSecret } from "../stack/secret.ts";
import { type Finding, look } from "./finding.ts";

const leastFreeBytes = 1024 ** 3;

export interface Patient {
  config: CliConfig;
  /** ECHO_SECRET as it was given. */
  givenSecret: string | undefined;
  previousSecret: string | undefined;
  note(line: string): void;
}

/** Every look, in the order in which one depends on another; what needs the database is left out when it is away. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const findings = [
    await look("node", async () => process.versions.node),
    await look("processes", () => processesOf(patient.config)),
    await look("disk", () => diskOf(patient.config)),
  ];
  let database: OpenDatabase | null = null;
  findings.push(
    await look("database", async () => {
      database = await openDatabase(patient.config, patient.note);
      return `${new URL(database.url).host}, ${patient.config.isEmbedded ? "embedded" : "DATABASE_URL"}`;
    }),
  );
  if (database) findings.push(...(await examineDatabase(patient, database)));
  return findings;
}

async function examineDatabase(patient: Patient, database: OpenDatabase): Promise<Finding[]> {
  const db = createDb({
    url: database.url,
    directUrl: database.directUrl,
    poolMax: 2,
    applicationName: "echoctl doctor",
  });
  try {
    return [
      await look("migrations", () => migrationsOf(database)),
      await look("secret", () => secretOf(patient, database)),
      ...(await driversOf(db)),
    ];
  } finally {
    await db.close();
    await database.close();
  }
}

async function migrationsOf({ directUrl }: OpenDatabase): Promise<string> {
  const pending = await pendingMigrations({ url: directUrl });
  if (pending.length === 0) return "none pending";
  throw new CliError(`pending: ${pending.join(", ")}; run "echoctl migrate"`);
}

async function secretOf({ config, givenSecret, previousSecret }: Patient, database: OpenDatabase): Promise<string> {
  const secret = await requireSecret(config, givenSecret);
  await requireSameSecret(database, { secret, previous: previousSecret });
  return givenSecret
    ? "ECHO_SECRET reads what the database holds"
    : `${join(config.home, "secret")} reads what the database holds`;
}

/** Each driver that the configuration chooses, and whether it answers. */
async function driversOf(db: Db): Promise<Finding[]> {
  const logger = createLogger({ service: "echoctl", level: "fatal" });
  const drivers = await createDrivers({ db, logger, clock: systemClock });
  try {
    const each = ["cache", "bus", "limits"] as const;
    return await Promise.all(
      each.map((name) =>
        look(
          name,
          async () => `${drivers[name].driver.name}, answers in ${(await drivers[name].ping()).toFixed(1)} ms`,
        ),
      ),
    );
  } finally {
    await drivers.close();
  }
}

async function processesOf({ home }: CliConfig): Promise<string> {
  const run = await readRunFile(home);
  if (!run) return `none started from ${home}`;
  const silent: string[] = [];
  for (const { kind, internalPort } of run.processes) {
    const answer = await fetch(`http://127.0.0.1:${internalPort}/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
      () => null,
    );
    if (!answer?.ok) silent.push(`${kind} on ${internalPort}`);
  }
  if (silent.length > 0) throw new CliError(`not ready: ${silent.join(", ")}; see ${join(home, "logs")}`);
  return `${run.processes.length} ready`;
}

async function diskOf({ home }: CliConfig): Promise<string> {
  const { bavail, bsize } = await statfs(existsSync(home) ? home : dirname(home));
  const free = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free`;
  if (bavail * bsize < leastFreeBytes) throw new CliError(`${free}: PostgreSQL stops when the disk is full; make room`);
  return free;
}
