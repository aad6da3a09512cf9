import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { projectRoot } from "./paths.ts";

/** Raised when the way of building changes. */
const version = 1;

const files = [
  "tsconfig.base.json",
  "apps/admin/next.config.ts",
  "apps/admin/postcss.config.mjs",
  "apps/admin/tsconfig.json",
  "apps/admin/package.json",
  "packages/contracts/package.json",
];
const folders = ["apps/admin/src", "packages/contracts/src"];
/** Runs from its sources, beside the build. */
const outside = /^apps\/admin\/src\/(server|build|dev)\/|^apps\/admin\/src\/main\.ts$|\.test\.tsx?$/;

const Lock = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });

/** Names everything that goes into a build by what it holds: sources, and the versions of installed packages. */
export async function fingerprintOf(root = projectRoot): Promise<string> {
  const hash = createHash("sha256").update(`${version}\n`);
  for (const path of await sourcesIn(root)) {
    hash.update(`${path}\n`).update(await digestOf(join(root, path)));
  }
  hash.update((await installedIn(root)).join("\n"));
  return hash.digest("hex").slice(0, 16);
}

async function sourcesIn(root: string): Promise<string[]> {
  const inFolders = await Promise.all(folders.map((folder) => walk(root, folder)));
  return [...files, ...inFolders.flat()].filter((path) => !outside.test(path)).sort();
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

async function digestOf(path: string): Promise<Buffer> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest();
}

/** `node_modules/next@16.4.5`: without its other facts, which differ from one npm to the next. */
async function installedIn(root: string): Promise<string[]> {
  const lock = Lock.parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
  return Object.entries(lock.packages)
    .filter(([path]) => path.includes("node_modules/"))
    .map(([path, entry]) => `${path}@${entry.version ?? ""}`)
    .sort();
}
