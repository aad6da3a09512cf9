import { existsSync } from "node:fs";
import { lstat, readdir, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Db, statement } from "@echo/db";
import { type Check, fault, fine, type Verdict, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

const mib = 1024 ** 2;
const gib = 1024 ** 3;
/** PostgreSQL keeps about max_wal_size (1 GiB) by itself; more is held back by somebody. */
const mostWalBytes = 4 * gib;
/** Ten processes' worth of full logs: each is rotated at 10 MiB, five kept. */
const mostLogBytes = 600 * mib;
const leastFreeBytes = gib;

export interface DataSizes {
  /** Of the folder that grows. */
  folder: string;
  freeBytes: number;
  /** Null while there is none, or it does not answer. */
  databaseBytes: number | null;
  /** Null where this user may not see it. */
  walBytes: number | null;
  logBytes: number;
  /** The database lies on this machine. */
  isLocal: boolean;
}

/** @param dataDir the embedded cluster's; null where it is the operator's, or not made yet */
export function checkData({ config }: Patient, dataDir: string | null, db: Db | null): Check {
  return {
    name: "data",
    mend: `ls -l ${config.home}`,
    async work() {
      const folder = nearest(dataDir ?? config.home);
      const { bavail, bsize } = await statfs(folder);
      return judgeData({
        folder,
        freeBytes: bavail * bsize,
        databaseBytes: db ? await databaseBytes(db) : null,
        walBytes: dataDir ? await sizeOf(join(dataDir, "pg_wal")).catch(() => null) : null,
        logBytes: await sizeOf(join(config.home, "logs")).catch(() => 0),
        isLocal: dataDir !== null,
      });
    },
  };
}

export function judgeData(sizes: DataSizes): Verdict {
  const { folder, freeBytes, databaseBytes, walBytes, logBytes, isLocal } = sizes;
  const parts = [
    ...(databaseBytes === null ? [] : [`database ${format(databaseBytes)}`]),
    ...(walBytes === null ? [] : [`WAL ${format(walBytes)}`]),
    `logs ${format(logBytes)}`,
    `${format(freeBytes)} free`,
  ];
  const said = parts.join(", ");
  const makeRoom = `du -xh ${folder} | sort -h | tail`;
  if (freeBytes < leastFreeBytes) return fault(`${said}: PostgreSQL stops when the disk is full`, makeRoom);
  if (isLocal && freeBytes < (databaseBytes ?? 0) + (walBytes ?? 0)) {
    return warning(`${said}: a backup needs as much room as the data`, makeRoom);
  }
  if ((walBytes ?? 0) > mostWalBytes) {
    return warning(
      `${said}: something holds the WAL back, a replication slot or a long transaction`,
      "SQL: SELECT * FROM pg_replication_slots",
    );
  }
  if (logBytes > mostLogBytes)
    return warning(`${said}: the logs are larger than they may grow by themselves`, makeRoom);
  return fine(said);
}

const size = statement<{ bytes: number }>(
  "doctor_database_size",
  "SELECT pg_database_size(current_database()) AS bytes",
);

async function databaseBytes(db: Db): Promise<number> {
  const [row] = await db.query(size);
  return row?.bytes ?? 0;
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sizeOf(path);
      return (await lstat(path).catch(() => null))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** The folder, or the first above it that is there. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)));

const format = (bytes: number): string =>
  bytes < gib ? `${(bytes / mib).toFixed(1)} MiB` : `${(bytes / gib).toFixed(1)} GiB`;
