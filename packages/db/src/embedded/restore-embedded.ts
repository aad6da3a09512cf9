import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract as createExtract, type Entry } from "tar-stream";
import {
  dataPrefix,
  keptFiles,
  keptPrefix,
  type Manifest,
  manifestName,
  notOurs,
  parseManifest,
  pathBelow,
  restoredMark,
} from "./archive.ts";
import { type ArchiveOptions, requireStopped } from "./backup-embedded.ts";
import { EmbeddedError, isSystemError, reasonOf } from "./embedded-error.ts";
import { removeUnfinished, unfinishedData } from "./initialize.ts";
import { findPlacement, type Placement } from "./placement.ts";

/**
 * Brings a backup into an ECHO_HOME without a database. The event log's next start begins a new epoch: a copy of the files
 * keeps every mark by which a database is known, while its clients have seen more than it knows.
 * @throws EmbeddedError with one sentence for people; ECHO_HOME then is as it was
 */
export async function restoreEmbedded({ home, file }: ArchiveOptions): Promise<void> {
  const placement = await findPlacement(resolve(home));
  await requireStopped(placement);
  if (existsSync(placement.dataDir)) {
    throw new EmbeddedError(
      `${home} has a database already; "echoctl reset" removes it, after a backup if you want it.`,
    );
  }
  await removeUnfinished(placement.clusterDir);
  const dataDir = unfinishedData(placement);
  try {
    await mkdir(dataDir, { mode: 0o700 });
    await giveAway(dataDir, placement);
    const kept = new Map<string, Buffer>();
    await readArchive(file, { placement, dataDir, kept });
    await writeFile(join(dataDir, restoredMark), "");
    await giveAway(join(dataDir, restoredMark), placement);
    for (const [name, content] of kept) await writeFile(join(resolve(home), name), content, { mode: 0o600 });
    // From here on it is the database of this folder.
    await rename(dataDir, placement.dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Target {
  placement: Placement;
  dataDir: string;
  /** Files of ECHO_HOME, by name. */
  kept: Map<string, Buffer>;
}

async function readArchive(file: string, target: Target): Promise<void> {
  const entries = createExtract();
  const reading = pipeline(createReadStream(file), createGunzip(), entries);
  // Awaited below, after the entries.
  reading.catch(() => undefined);
  try {
    let manifest: Manifest | undefined;
    for await (const entry of entries) {
      if (manifest) await takeEntry(entry, { ...target, file });
      else manifest = await readManifest(entry, { ...target, file });
    }
    await reading;
    if (!manifest || !existsSync(join(target.dataDir, "PG_VERSION"))) throw notOurs(file);
  } catch (error) {
    if (error instanceof EmbeddedError) throw error;
    const reason = isSystemError(error, "ENOENT")
      ? "there is no such file"
      : `it is cut off, damaged or no backup (${reasonOf(error)})`;
    throw new EmbeddedError(`${file} cannot be restored: ${reason}.`, { cause: error });
  }
}

type ArchiveTarget = Target & { file: string };

async function readManifest(entry: Entry, { placement, file }: ArchiveTarget): Promise<Manifest> {
  if (entry.header.name !== manifestName) throw notOurs(file);
  const manifest = parseManifest(await text(entry), file);
  const { major } = placement.native;
  if (manifest.postgresMajor === major) return manifest;
  throw new EmbeddedError(
    `${file} was made with PostgreSQL ${manifest.postgresMajor} and this Echo brings PostgreSQL ${major}: restore it with the Echo that made it.`,
  );
}

async function takeEntry(entry: Entry, target: ArchiveTarget): Promise<void> {
  const { name } = entry.header;
  const kept = keptFiles.find((each) => name === keptPrefix + each);
  if (kept) target.kept.set(kept, await buffer(entry));
  else if (name.startsWith(dataPrefix)) await takeData(entry, target);
  else throw notOurs(target.file);
}

async function takeData(entry: Entry, { dataDir, placement, file }: ArchiveTarget): Promise<void> {
  const { name, type, mode = 0o600 } = entry.header;
  const path = pathBelow(dataDir, name.slice(dataPrefix.length), file);
  if (type === "directory") {
    await mkdir(path, { mode: 0o700 });
    entry.resume();
  } else if (type === "file") await pipeline(entry, createWriteStream(path, { mode, flush: true }));
  else throw notOurs(file);
  await giveAway(path, placement);
}

async function giveAway(path: string, { account }: Placement): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}
