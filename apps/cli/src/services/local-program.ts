import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { CliError } from "../cli-error.ts";
import type { Service } from "./service.ts";
import { makeFolder, type Place } from "./service-record.ts";

const readyWithinMs = 10_000;
const endWithinMs = 10_000;

/** Whether this machine has it. */
export async function hasProgram({ program }: Service): Promise<boolean> {
  const probe = spawn(program.command, ["--version"], { stdio: "ignore" });
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.once("exit", (code) => resolve(code === 0));
  });
}

/** Starts it so that it outlives this command, and answers its pid. @throws CliError when it does not come to answer */
export async function startProgram(place: Place, port: number): Promise<number> {
  const { program, name } = place.service;
  const folder = await makeFolder(place);
  const logPath = join(folder, `${name}.log`);
  const log = await open(logPath, "a");
  const child = spawn(program.command, program.args({ port, folder }), {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  const failed = once(child, "error").then(([error]) => String(error));
  const ended = once(child, "exit").then(([code]) => `it ended with ${code}`);
  child.unref();
  await log.close();
  const reason = await Promise.race([failed, ended, whenAnswering(place.service, port)]);
  if (reason === null && child.pid !== undefined) return child.pid;
  child.kill("SIGKILL");
  const last = (await readFile(logPath, "utf8")).trim().split("\n").at(-1) ?? "";
  throw new CliError(`${program.command} did not start: ${reason}. The end of ${logPath}: ${last}`);
}

/** Null once it answers, the reason why not when its time is over. */
async function whenAnswering(service: Service, port: number): Promise<string | null> {
  const endMs = Date.now() + readyWithinMs;
  while (Date.now() < endMs) {
    if (await service.check(service.urlOf(port)).then(isTrue, isFalse)) return null;
    await pause(20);
  }
  return `no answer on port ${port} within ${readyWithinMs / 1_000} s`;
}

const isTrue = () => true;
const isFalse = () => false;

/** Whether that pid is still the one that was started: the number may be somebody else's by now. */
export async function isProgram({ program }: Service, { pid, port }: { pid: number; port: number }): Promise<boolean> {
  const title = await titleOf(pid);
  return title !== null && program.isTitle(title, port);
}

async function titleOf(pid: number): Promise<string | null> {
  try {
    return (await promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)])).stdout;
  } catch {
    return null;
  }
}

/** Lets it write what it keeps, also when it is frozen; one that does not end by itself is ended. */
export async function stopProgram(service: Service, started: { pid: number; port: number }): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await isProgram(service, started))) return;
    process.kill(started.pid, signal);
    process.kill(started.pid, "SIGCONT");
    const endMs = Date.now() + endWithinMs;
    while (Date.now() < endMs && (await isProgram(service, started))) await pause(50);
  }
}
