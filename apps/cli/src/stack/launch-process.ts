import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type ProcessKind, processKinds } from "./process-kinds.ts";

/**
 * For glibc, mallopt(3), docs/adr/0027: blocks of a MiB and more are given back when they are freed. By itself it learns to keep blocks as
 * large as the last one, and a password hash needs 64 MiB: a process that hashes came to hold hundreds that it did not use.
 */
const allocator = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "1048576" };
/** For V8: garbage of half of what is in use is collected. By itself it lets up to three times as much lie. */
const collector = "--heap-growing-percent=50";

/** Starts the main of an app, from its sources, as a child that tells over IPC when it is ready. */
export function launchProcess(kind: ProcessKind, options: SpawnOptions, main = processKinds[kind].main): ChildProcess {
  const { environment } = processKinds[kind];
  return launchModule(main, { ...options, env: { ...options.env, ...environment } });
}

/** Starts any module of ours in a Node of its own. */
export function launchModule(specifier: string, options: SpawnOptions, args: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(import.meta.resolve(specifier));
  const runner = [collector, "--import", import.meta.resolve("tsx"), "--enable-source-maps", path];
  return spawn(process.execPath, [...runner, ...args], { ...options, env: { ...allocator, ...options.env } });
}
