import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ProcessKind } from "./run-file.ts";

/** Starts the main of an app, from its sources, as a child that tells over IPC when it is ready. */
export function launchProcess(kind: ProcessKind, options: SpawnOptions): ChildProcess {
  const main = fileURLToPath(import.meta.resolve(`@echo/${kind}/main`));
  return spawn(process.execPath, ["--import", import.meta.resolve("tsx"), "--enable-source-maps", main], options);
}
