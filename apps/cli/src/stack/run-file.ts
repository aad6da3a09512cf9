import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { version } from "../version.ts";
import type { OpenDatabase } from "./database.ts";
import { ProcessKind, processKinds } from "./process-kinds.ts";
import { writePrivately } from "./write-privately.ts";

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

interface Running {
  startedAt: string;
  database: Pick<OpenDatabase, "url" | "embedded">;
  /** Those that answer. */
  processes: RunFile["processes"];
}

/** `ports` are those of the first of each kind. */
export function describeRun({ startedAt, database: { url, embedded }, processes }: Running): RunFile {
  const portsOf = (kind: ProcessKind): [name: string, port: number][] => {
    const first = processes.find((each) => each.kind === kind);
    if (!first) return [];
    const { internalPortVariable, isInternal } = processKinds[kind];
    return [
      [isInternal ? `${kind}Internal` : kind, first.port],
      ...(internalPortVariable ? [[`${kind}Internal`, first.internalPort] as [string, number]] : []),
    ];
  };
  return {
    version,
    startedAt,
    ...(embedded ? { databaseUrl: url, dataDir: embedded.dataDir } : {}),
    ports: {
      ...Object.fromEntries(ProcessKind.options.flatMap(portsOf)),
      ...(embedded ? { postgres: embedded.port } : {}),
    },
    processes,
  };
}

const pathOf = (home: string) => join(home, "run.json");

export const writeRunFile = (home: string, content: RunFile): Promise<void> => writePrivately(pathOf(home), content);

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
