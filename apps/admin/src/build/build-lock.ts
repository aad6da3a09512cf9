import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { isProcessAlive } from "@echo/platform";

const lookAgainMs = 250;

/**
 * Keeps two processes from doing the same work: the second waits for the first. Held by a file that names the holder; one
 * whose holder died is taken over. Should two ever take it over in the same moment both build, each in a folder of its
 * own, and no harm is done.
 */
export async function withBuildLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  let isTold = false;
  while (!(await take(path))) {
    if (!isTold) onWait();
    isTold = true;
    await pause(lookAgainMs);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const holder = Number(await readFile(path, "utf8").catch(() => ""));
  if (!isProcessAlive(holder)) await rm(path, { force: true });
  return false;
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;
