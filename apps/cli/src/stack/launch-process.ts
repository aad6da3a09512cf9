import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type ProcessKind, processKinds } from "./process-kinds.ts";

/** Starts the main of an app, from its sources, as a child that tells over IPC when it is ready. */
export function launchProcess(kind: ProcessKind, options: SpawnOptions): ChildProcess {
  const { main, environment } = processKinds[kind];
  return launchModule(main, { ...options, env: { ...options.env, ...environment } });
}

/** Starts any module of ours in a Node of its own. */
export function launchModule(specifier: string, options: SpawnOptions, args: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(import.meta.resolve(specifier));
  const runner = ["--import", import.meta.resolve("tsx"), "--enable-source-maps", path];
  return spawn(process.execPath, [...runner, ...args], options);
}
