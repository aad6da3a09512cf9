import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip, constants as zlib } from "node:zlib";
import { pack as createPack, type Headers, type Pack } from "tar-stream";
import { dataPrefix, keptFiles, keptPrefix, type Manifest, manifestName } from "./archive.ts";
import { EmbeddedError, isSystemError, reasonOf } from "./embedded-error.ts";
import { requireSameMajor } from "./initialize.ts";
import { findPlacement, type Placement } from "./placement.ts";
import { findPostmaster } from "./postmaster.ts";

export interface ArchiveOptions {
  /** ECHO_HOME */
  home: string;
  /** The archive, .tar.gz */
  file: string;
}

/**
 * Writes the stopped cluster and the secret that it needs into one new file, readable by its owner alone.
 * @throws EmbeddedError with one sentence for people
 */
export async function backupEmbedded({ home, file }: ArchiveOptions): Promise<void> {
  const placement = await findPlacement(resolve(home));
  await requireStopped(placement);
  if (!existsSync(placement.dataDir)) throw new EmbeddedError(`${home} has no database to back up.`);
  await requireSameMajor(placement);
  if (existsSync(file)) throw new EmbeddedError(`${file} exists already; give the backup another name.`);
  const unfinished = `${file}.unfinished`;
  const pack = createPack();
  try {
    // Reading ahead of a slow disk would fill memory: the pack waits for the file.
    await Promise.all([
      pipeline(
        pack,
        createGzip({ level: zlib.Z_BEST_SPEED }),
        createWriteStream(unfinished, { mode: 0o600, flush: true }),
      ),
      writeEntries(pack, { placement, home: resolve(home) }).catch((error: unknown) => {
        pack.destroy(error instanceof Error ? error : undefined);
        throw error;
      }),
    ]);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new EmbeddedError(`The backup could not be written to ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** @throws EmbeddedError while a server runs on the folder: files that change make no copy */
export async function requireStopped({ dataDir }: Placement): Promise<void> {
  const running = await findPostmaster(dataDir);
  if (running) {
    throw new EmbeddedError(`The database in ${dataDir} is running (process ${running.pid}): stop Echo first.`);
  }
}

async function writeEntries(pack: Pack, { placement, home }: { placement: Placement; home: string }): Promise<void> {
  const manifest: Manifest = {
    format: 1,
    postgresMajor: placement.native.major,
    createdAt: new Date().toISOString(),
  };
  pack.entry({ name: manifestName, mode: 0o600 }, JSON.stringify(manifest));
  for (const name of keptFiles) await addFile(pack, { path: join(home, name), name: `${keptPrefix}${name}` });
  for await (const path of walk(placement.dataDir)) {
    await addFile(pack, { path, name: `${dataPrefix}${relative(placement.dataDir, path)}` });
  }
  pack.finalize();
}

/** Every folder and file, folders before what is in them. */
async function* walk(dir: string): AsyncGenerator<string> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    yield path;
    if (entry.isDirectory()) yield* walk(path);
  }
}

async function addFile(pack: Pack, { path, name }: { path: string; name: string }): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  });
  if (!found) return;
  const header: Headers = { name, mode: found.mode & 0o777, mtime: found.mtime };
  if (found.isDirectory()) {
    pack.entry({ ...header, type: "directory" });
    return;
  }
  await pipeline(createReadStream(path), pack.entry({ ...header, size: found.size }));
}
