import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { isAccepting } from "@echo/cli/services";
import type { ServerAccount } from "./server-account.ts";
import { watchOver } from "./watch-over.ts";

const readyWithinMs = 20_000;

export interface ServerProgram {
  command: string;
  args: readonly string[];
  account: ServerAccount;
  /** Goes with the server. */
  folder: string;
  /** Of loopback, where it is to answer. */
  port: number;
  /** What ends it without waiting for its clients. Default SIGINT. */
  endBy?: NodeJS.Signals;
}

export interface SpawnedServer {
  /** Also removes its folder. */
  stop(): Promise<void>;
}

/** Starts a program that stays in the foreground, and waits until its port accepts. @throws Error with its last words */
export async function spawnServer(program: ServerProgram): Promise<SpawnedServer> {
  const { command, args, account, folder, port, endBy = "SIGINT" } = program;
  const child = spawn(command, args, { ...account, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const endWatch = watchOver(`kill -${endBy.slice(3)} "$2"; sleep 1; rm -rf -- "$1"`, folder, String(child.pid));
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const stop = async () => {
    await end(child, endBy);
    await rm(folder, { recursive: true, force: true });
    endWatch();
  };
  if (await isUp(child, port)) return { stop };
  await stop();
  throw new Error(`${command} does not answer on port ${port}: ${said}`);
}

async function isUp(child: ChildProcess, port: number): Promise<boolean> {
  let failed = false;
  child.once("error", () => {
    failed = true;
  });
  const endMs = Date.now() + readyWithinMs;
  while (Date.now() < endMs && child.exitCode === null && !failed) {
    if (await isAccepting(port)) return true;
    await pause(10);
  }
  return false;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
