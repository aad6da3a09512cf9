import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ProcessKind } from "./process-kinds.ts";

/** ECHO_HOME/run.json: what runs where, for tools beside a running system. */
export const RunFile = z.object({
  version: z.string(),
  startedAt: z.iso.datetime(),
  /** Absent where DATABASE_URL was given. */
  databaseUrl: z.string().optional(),
  /** The embedded cluster's folder, when it is not below ECHO_HOME. */
  dataDir: z.string().optional(),
  ports: z.record(z.string(), z.int()),
  processes: z.array(z.object({ kind: ProcessKind, pid: z.int(), port: z.int(), internalPort: z.int() })),
});
export type RunFile = z.infer<typeof RunFile>;

const pathOf = (home: string) => join(home, "run.json");

/** Written beside and renamed, so that no reader sees half of it. */
export async function writeRunFile(home: string, content: RunFile): Promise<void> {
  const path = pathOf(home);
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Null when nothing runs, or the file is not readable as one of ours. */
export async function readRunFile(home: string): Promise<RunFile | null> {
  try {
    return RunFile.parse(JSON.parse(await readFile(pathOf(home), "utf8")));
  } catch {
    return null;
  }
}

export async function removeRunFile(home: string): Promise<void> {
  await rm(pathOf(home), { force: true });
}
