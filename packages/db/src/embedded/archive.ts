import { isAbsolute, join, normalize } from "node:path";
import { EmbeddedError } from "./embedded-error.ts";

/** The first entry of an archive says what the rest is. */
export interface Manifest {
  format: 1;
  postgresMajor: number;
  createdAt: string;
}

export const manifestName = "manifest.json";
/** Files of ECHO_HOME without which the database is of no use. */
export const keptFiles = ["secret"];
export const keptPrefix = "home/";
export const dataPrefix = "data/";
/** In a restored data folder until its first start has begun a new epoch. */
export const restoredMark = "echo.restored";

export const notOurs = (file: string): EmbeddedError => new EmbeddedError(`${file} is no backup of Echo's.`);

export function parseManifest(text: string, file: string): Manifest {
  try {
    const manifest: Manifest = JSON.parse(text);
    if (manifest.format === 1 && Number.isInteger(manifest.postgresMajor)) return manifest;
  } catch {
    // The sentence below says it all.
  }
  throw notOurs(file);
}

/** A path below `dir`, whatever the archive says. */
export function pathBelow(dir: string, name: string, file: string): string {
  const path = normalize(name);
  if (path === "" || path === ".." || path.startsWith("../") || isAbsolute(path)) throw notOurs(file);
  return join(dir, path);
}
