import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CliError } from "../cli-error.ts";
import type { Launch } from "./service.ts";

/** Java needs most of it on a busy machine. */
const readyWithinMs = 60_000;

export interface LoggedProgram {
  /** What it is called in sentences, and its log in its folder. */
  name: string;
  folder: string;
  launch: Launch;
  isReady(): Promise<boolean>;
}

/** Leads a group of its own, so that Ctrl-C at a terminal is not for it. */
export interface StartedProgram {
  child: ChildProcess;
  pid: number;
}

/** Starts it in its folder so that it can outlive us. @throws CliError with the end of its log when it does not get ready */
export async function startLogged({ name, folder, launch, isReady }: LoggedProgram): Promise<StartedProgram> {
  const logPath = join(folder, `${name}.log`);
  const log = await open(logPath, "a");
  const stdio: StdioOptions = ["ignore", log.fd, log.fd];
  const child = spawn(launch.command, launch.args, { cwd: folder, detached: true, stdio });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(String(error))).once("exit", (code) => resolve(`it ended with ${code}`));
  });
  await log.close();
  const reason = await Promise.race([ended, whenReady(isReady)]);
  if (reason === null && child.pid !== undefined) return { child, pid: child.pid };
  killGroup(child);
  const last = (await readFile(logPath, "utf8")).trim().split("\n").at(-1) ?? "";
  throw new CliError(`${name} did not start: ${reason}. The end of ${logPath}: ${last}`);
}

/** Null once it is, the reason why not when its time is over. */
async function whenReady(isReady: () => Promise<boolean>): Promise<string | null> {
  const endMs = Date.now() + readyWithinMs;
  while (Date.now() < endMs) {
    if (await isReady()) return null;
    await pause(20);
  }
  return `no answer within ${readyWithinMs / 1_000} s`;
}

/** Also what a shell has started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
