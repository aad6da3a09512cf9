import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Service, Spot } from "./service.ts";
import { folderOf, makeFolder, type Place } from "./service-record.ts";
import { startLogged } from "./start-logged.ts";

const endWithinMs = 10_000;

/** Starts it so that it outlives this command, and answers its pid. @throws CliError when it does not come to answer */
export async function startProgram(place: Place, port: number, note: (line: string) => void): Promise<number> {
  const { service } = place;
  const folder = await makeFolder(place);
  const launch = await service.program.prepare({ port, folder }, note);
  const isReady = () => answers(service, port);
  const { child, pid } = await startLogged({ name: service.name, folder, launch, isReady });
  child.unref();
  return pid;
}

/** Whether one of ours answers. */
export const answers = (service: Service, port: number): Promise<boolean> =>
  service.check(service.addressOf(port)).then(
    () => true,
    () => false,
  );

/** Whether that pid is still the one that was started: the number may be somebody else's by now. */
export async function isProgram(place: Place, { pid, port }: { pid: number; port: number }): Promise<boolean> {
  const title = await titleOf(pid);
  const spot: Spot = { port, folder: folderOf(place) };
  return title !== null && place.service.program.isTitle(title, spot);
}

async function titleOf(pid: number): Promise<string | null> {
  try {
    return (await promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)])).stdout;
  } catch {
    return null;
  }
}

/** Lets it write what it keeps, also when it is frozen; one that does not end by itself is ended. */
export async function stopProgram(place: Place, started: { pid: number; port: number }): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await isProgram(place, started))) return;
    process.kill(started.pid, signal);
    process.kill(started.pid, "SIGCONT");
    const endMs = Date.now() + endWithinMs;
    while (Date.now() < endMs && (await isProgram(place, started))) await pause(50);
  }
}
