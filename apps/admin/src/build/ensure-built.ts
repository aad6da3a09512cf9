import { access, constants, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "@echo/platform";
import { BuildError } from "./build-error.ts";
import { withBuildLock } from "./build-lock.ts";
import { folderOf, readCurrent, writeCurrent } from "./current-build.ts";
import { buildsFolder } from "./paths.ts";

export interface Building {
  /** Of the workspace. */
  root: string;
  /** Names what goes into the build. */
  fingerprint: string;
  /** Builds into a folder, named relative to the workspace. @throws when it fails */
  run(distDir: string): Promise<void>;
  note(line: string): void;
}

const draftPrefix = "building-";

/**
 * Builds the console when what it is made of differs from what the last build was made of. A build grows in a folder of
 * its own and counts only when it is complete: one that fails leaves the last one as it was.
 * @throws BuildError that says why
 */
export async function ensureBuilt(building: Building): Promise<void> {
  const { root, fingerprint, note } = building;
  if ((await readCurrent(root)) === fingerprint) return;
  const folder = join(root, buildsFolder);
  await requireWritable(folder);
  const onWait = () => note("Another process builds the console; waiting for it.");
  await withBuildLock(join(folder, "build.lock"), onWait, async () => {
    const before = await readCurrent(root);
    if (before !== fingerprint) await build(building, before);
  });
}

async function build({ root, fingerprint, run, note }: Building, before: string | null): Promise<void> {
  const startedAt = performance.now();
  note(before ? "Building the console anew: its sources changed." : "Building the console, once.");
  const draft = join(buildsFolder, `${draftPrefix}${process.pid}`);
  try {
    await run(draft);
    await rm(join(root, folderOf(fingerprint)), { recursive: true, force: true });
    await rename(join(root, draft), join(root, folderOf(fingerprint)));
  } finally {
    await rm(join(root, draft), { recursive: true, force: true });
  }
  await writeCurrent(fingerprint, root);
  await removeOthers(join(root, buildsFolder), [fingerprint, before]);
  note(`Built the console in ${Math.round((performance.now() - startedAt) / 1_000)} s.`);
}

async function requireWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new BuildError(`The console must be built, and this user may not write into ${folder}`, { cause });
  }
}

/** The one before stays: a server may still serve it. */
async function removeOthers(folder: string, kept: readonly (string | null)[]): Promise<void> {
  const isOver = (name: string): boolean =>
    /^[0-9a-f]{16}$/.test(name)
      ? !kept.includes(name)
      : name.startsWith(draftPrefix) && !isProcessAlive(Number(name.slice(draftPrefix.length)));
  const names = await readdir(folder);
  for (const name of names.filter(isOver)) await rm(join(folder, name), { recursive: true, force: true });
}
