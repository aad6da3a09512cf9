import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isSystemError } from "./embedded-error.ts";

/** The server of a data folder, as its pid file names it. */
export interface Postmaster {
  pid: number;
  port: number;
  /** Whether it says that it takes connections. */
  isReady: boolean;
}

const pollMs = 20;
/** Fast shutdown writes a checkpoint; immediate shutdown leaves it to the next start. */
const fastMs = 30_000;
const immediateMs = 5_000;

/** The server that runs on this folder, if one does. A pid file that names anything else is removed: PostgreSQL would trip over a pid that came back. */
export async function findPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const file = join(dataDir, "postmaster.pid");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  // pid, data folder, start time, port, sockets, address, shared memory, status: src/include/utils/pidfile.h
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (pid > 0 && (await isPostmaster(pid, dataDir)))
    return { pid, port: Number(lines[3]), isReady: lines[7] === "ready" };
  // The server itself may be about to write it.
  if (text === "") return undefined;
  await rm(file, { force: true });
  return undefined;
}

/** True when the process is a PostgreSQL that was started on this folder: a pid alone may be anybody's by now. */
export async function isPostmaster(pid: number, dataDir: string): Promise<boolean> {
  const words = await commandLine(pid);
  return words.includes("postgres") && words.includes(dataDir);
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === "linux") {
    // Empty for a zombie, which nobody may wait for in a container without an init.
    return await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  }
  const ps = promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]);
  return (await ps.catch(() => ({ stdout: "" }))).stdout;
}

/** Ends the folder's server: fast, then at once, then hard. What it had committed stays. */
export async function endPostmaster(dataDir: string): Promise<void> {
  const running = await findPostmaster(dataDir);
  if (!running) return;
  const steps = [
    ["SIGINT", fastMs],
    ["SIGQUIT", immediateMs],
    ["SIGKILL", immediateMs],
  ] as const;
  for (const [signal, waitMs] of steps) {
    if (!sendSignal(running.pid, signal) || (await isGone(running.pid, { dataDir, waitMs }))) return;
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (isSystemError(error, "ESRCH")) return false;
    throw error;
  }
}

async function isGone(pid: number, { dataDir, waitMs }: { dataDir: string; waitMs: number }): Promise<boolean> {
  const end = Date.now() + waitMs;
  while (await isPostmaster(pid, dataDir)) {
    if (Date.now() > end) return false;
    await pause(pollMs);
  }
  return true;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
