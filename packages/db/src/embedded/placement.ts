import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findAccount } from "./account.ts";
import { EmbeddedError, isSystemError, reasonOf } from "./embedded-error.ts";
import { findNative, type Native } from "./native.ts";
import { endPostmaster } from "./postmaster.ts";
import { type Account, runProgram } from "./run-program.ts";

/** Where one embedded PostgreSQL lives. */
export interface Placement {
  /** ECHO_HOME/postgres: credentials and port. */
  ownDir: string;
  /** Holds data and, while they are made, its successors: ownDir, or a folder below /var/lib/echo. */
  clusterDir: string;
  dataDir: string;
  logFile: string;
  native: Native;
  /** Whom the server runs as when this process is root. */
  account: Account | null;
}

const elsewhere = "/var/lib/echo";

/** @throws EmbeddedError */
export async function findPlacement(home: string): Promise<Placement> {
  const echoHome = await openHome(home);
  const ownDir = join(echoHome, "postgres");
  const shared = join(elsewhere, createHash("sha256").update(echoHome).digest("hex").slice(0, 16));
  const account = (await ownerOf(join(ownDir, "data"))) ?? (await findAccount());
  const native = await findNative(account, shared);
  const clusterDir = await findClusterDir({ ownDir, shared, account });
  const dataDir = join(clusterDir, "data");
  await requireOurs(dataDir);
  return {
    ownDir,
    clusterDir,
    dataDir,
    logFile: join(echoHome, "logs", "postgres.log"),
    native,
    account,
  };
}

async function openHome(home: string): Promise<string> {
  try {
    await mkdir(join(home, "postgres"), { recursive: true });
    await mkdir(join(home, "logs"), { recursive: true });
    return await realpath(home);
  } catch (error) {
    throw new EmbeddedError(`The folder ${home} (ECHO_HOME) cannot be written to: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** A cluster that another user made stays his, also when root starts it. */
async function ownerOf(dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDir).catch(ifMissing);
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : undefined;
}

async function requireOurs(dataDir: string): Promise<void> {
  const own = process.getuid?.();
  const owner = await stat(dataDir).catch(ifMissing);
  if (own === 0 || !owner || owner.uid === own) return;
  throw new EmbeddedError(
    `The database in ${dataDir} belongs to another user (uid ${owner.uid}); start Echo as that user or as root.`,
  );
}

function ifMissing(error: unknown): undefined {
  if (isSystemError(error, "ENOENT")) return undefined;
  throw error;
}

interface Choice {
  ownDir: string;
  shared: string;
  account: Account | null;
}

/** The choice is made once, with the cluster, and kept in a file: folders may be opened or closed later. */
async function findClusterDir({ ownDir, shared, account }: Choice): Promise<string> {
  const pointer = join(ownDir, "elsewhere");
  const kept = await readFile(pointer, "utf8").catch(() => undefined);
  if (kept !== undefined) return kept.trim();
  if (!account || (await canPass(account, ownDir))) return ownDir;
  if (existsSync(join(ownDir, "data"))) {
    throw new EmbeddedError(
      `The user that PostgreSQL runs as cannot reach ${ownDir}; let others pass the folders above it (chmod o+x).`,
    );
  }
  await setAside(join(shared, "data"));
  await mkdir(shared, { recursive: true, mode: 0o755 });
  await writeFile(join(shared, "home"), `${dirname(ownDir)}\n`);
  await writeFile(pointer, `${shared}\n`);
  return shared;
}

/** ECHO_HOME was removed and its cluster was not: nobody has its secrets, and nobody may delete it but its owner. */
async function setAside(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  await endPostmaster(dataDir);
  await rename(dataDir, `${dataDir}.orphan-${Date.now()}`);
}

async function canPass(account: Account, dir: string): Promise<boolean> {
  const { code } = await runProgram({ command: "/bin/sh", args: ["-c", 'cd "$1"', "sh", dir], account });
  return code === 0;
}
