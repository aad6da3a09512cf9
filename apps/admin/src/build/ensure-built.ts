import { access, constants, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, withBuildLock } from "./build-lock.ts";
import { folderOf, readCurrent, writeCurrent } from "./current-build.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { buildsFolder, consoleRoot } from "./paths.ts";
import { BuildError, type NextBuild, runNextBuild } from "./run-next-build.ts";

export interface BuildOptions extends Omit<NextBuild, "distDir"> {
  note(line: string): void;
}

const folder = join(consoleRoot, buildsFolder);
const draftPrefix = "building-";

/**
 * Builds the console when what it is made of differs from what the last build was made of. A build grows in a folder of
 * its own and counts only when it is complete: one that fails leaves the last one as it was.
 * @throws BuildError that says why
 */
export async function ensureBuilt(options: BuildOptions): Promise<void> {
  const fingerprint = await fingerprintOf();
  if ((await readCurrent()) === fingerprint) return;
  await requireWritable();
  const onWait = () => options.note("Another process builds the console; waiting for it.");
  await withBuildLock(join(folder, "build.lock"), onWait, async () => {
    const before = await readCurrent();
    if (before !== fingerprint) await build(options, fingerprint, before);
  });
}

async function build(options: BuildOptions, fingerprint: string, before: string | null): Promise<void> {
  const startedAt = performance.now();
  options.note(before ? "Building the console anew: its sources changed." : "Building the console, once.");
  const draft = `${draftPrefix}${process.pid}`;
  try {
    await runNextBuild({ ...options, distDir: join(buildsFolder, draft) });
    const target = join(consoleRoot, folderOf(fingerprint));
    await rm(target, { recursive: true, force: true });
    await rename(join(folder, draft), target);
  } catch (error) {
    await rm(join(folder, draft), { recursive: true, force: true });
    throw error;
  }
  await writeCurrent(fingerprint);
  await removeOthers([fingerprint, before]);
  options.note(`Built the console in ${Math.round((performance.now() - startedAt) / 1_000)} s.`);
}

async function requireWritable(): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new BuildError(`The console must be built, and this user may not write into ${folder}`, { cause });
  }
}

/** The one before stays: a server may still serve it. */
async function removeOthers(kept: readonly (string | null)[]): Promise<void> {
  const names = await readdir(folder);
  const isOver = (name: string): boolean =>
    /^[0-9a-f]{16}$/.test(name)
      ? !kept.includes(name)
      : name.startsWith(draftPrefix) && !isAlive(Number(name.slice(draftPrefix.length)));
  for (const name of names.filter(isOver)) await rm(join(folder, name), { recursive: true, force: true });
}
