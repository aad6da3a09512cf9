import { existsSync } from "node:fs";
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { adminRole, type Credentials } from "./credentials.ts";
import { EmbeddedError, isSystemError } from "./embedded-error.ts";
import type { Placement } from "./placement.ts";
import { runProgram } from "./run-program.ts";

const unfinished = "data.new-";

/** Where a data folder is made before it takes its place by one rename. */
export const unfinishedData = ({ clusterDir }: Placement): string => join(clusterDir, `${unfinished}${process.pid}`);

/** Makes the cluster when there is none; one that was half made by a process that died is made again. */
export async function initialize(placement: Placement, credentials: Credentials, durable: boolean): Promise<void> {
  if (existsSync(placement.dataDir)) return;
  await removeUnfinished(placement.clusterDir);
  const dataDir = unfinishedData(placement);
  const passwordFile = `${dataDir}.password`;
  try {
    await mkdir(dataDir, { mode: 0o700 });
    await writeFile(passwordFile, credentials.adminPassword, { mode: 0o600 });
    await giveTo(placement, [dataDir, passwordFile]);
    const args = [
      `--pgdata=${dataDir}`,
      `--username=${adminRole}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // PostgreSQL's own collation: an archive may be restored where the system's library sorts in another way.
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      ...(durable ? [] : ["--no-sync"]),
    ];
    const command = join(placement.native.dir, "bin/initdb");
    const { code, output } = await runProgram({ command, args, account: placement.account });
    if (code !== 0) throw new EmbeddedError(`The database could not be created in ${dataDir}: ${faultIn(output)}`);
    await rename(dataDir, placement.dataDir);
  } catch (error) {
    // Another process was quicker: its cluster serves as well.
    if (!isSystemError(error, "ENOTEMPTY") && !isSystemError(error, "EEXIST")) throw error;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

export async function removeUnfinished(clusterDir: string): Promise<void> {
  const names = (await readdir(clusterDir)).filter((name) => name.startsWith(unfinished));
  for (const name of names) await rm(join(clusterDir, name), { recursive: true, force: true });
}

async function giveTo({ account }: Placement, paths: string[]): Promise<void> {
  if (!account) return;
  for (const path of paths) await chown(path, account.uid, account.gid);
}

/** initdb says what went wrong before it says what it cleans up. */
function faultIn(output: string): string {
  const lines = output.split("\n");
  return lines.find((line) => /error:|FATAL:|PANIC:|denied/.test(line)) ?? lines.at(-1) ?? "";
}

/** @throws EmbeddedError when the folder was made by another major version */
export async function requireSameMajor({ dataDir, native }: Placement): Promise<void> {
  const version = await readFile(join(dataDir, "PG_VERSION"), "utf8").catch(() => undefined);
  if (version === undefined) {
    throw new EmbeddedError(`${dataDir} is no PostgreSQL data folder (PG_VERSION is missing); move it away.`);
  }
  if (Number(version) !== native.major) {
    throw new EmbeddedError(
      `${dataDir} was made by PostgreSQL ${version.trim()} and this Echo brings PostgreSQL ${native.major}: restore a backup with the Echo that made it, or run "echoctl reset" to begin anew.`,
    );
  }
}
