import { access, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { preconditionFailed } from "@echo/platform";
import { z } from "zod";
import { buildsFolder, consoleRoot } from "./paths.ts";

const Current = z.object({ fingerprint: z.string().regex(/^[0-9a-f]{16}$/) });

const pathIn = (root: string): string => join(root, buildsFolder, "current.json");

export const folderOf = (fingerprint: string): string => join(buildsFolder, fingerprint);

/** The fingerprint of the build to serve; null when there is none, or not all of it. */
export async function readCurrent(root = consoleRoot): Promise<string | null> {
  try {
    const { fingerprint } = Current.parse(JSON.parse(await readFile(pathIn(root), "utf8")));
    await access(join(root, folderOf(fingerprint), "BUILD_ID"));
    return fingerprint;
  } catch {
    return null;
  }
}

/** From now on this one is served, by servers that start; in one step, so that none reads half of it. */
export async function writeCurrent(fingerprint: string, root = consoleRoot): Promise<void> {
  const draft = `${pathIn(root)}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ fingerprint }));
  await rename(draft, pathIn(root));
}

/** @param fingerprint of the present sources */
export async function readBuildState(fingerprint: string, root = consoleRoot): Promise<"fresh" | "stale" | "missing"> {
  const current = await readCurrent(root);
  if (current === null) return "missing";
  return current === fingerprint ? "fresh" : "stale";
}

/** Where the build to serve lies. @throws EchoError PRECONDITION_FAILED when there is none */
export async function findBuild(): Promise<string> {
  const fingerprint = await readCurrent();
  if (fingerprint === null) {
    throw preconditionFailed("The console is not built: `npm run build --workspace @echo/admin` does it");
  }
  return folderOf(fingerprint);
}
