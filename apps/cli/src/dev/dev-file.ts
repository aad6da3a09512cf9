import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "@echo/platform";
import { writePrivately } from "../stack/write-privately.ts";

/** ECHO_HOME/dev.json: how the apps of `turbo dev` find each other, there while they shall run. */
export interface DevFile {
  /** Of the process that holds the folder and its database. */
  pid: number;
  /** What an app gets on top of the developer's own variables. */
  environment: Record<string, string>;
  /** Whether the page of two people is served: it hands out passwords, so on one's own machine alone. */
  hasDemo: boolean;
}

const pathOf = (home: string) => join(home, "dev.json");

/** It holds the secret. */
export const writeDevFile = (home: string, content: DevFile): Promise<void> => writePrivately(pathOf(home), content);

/** Null while nobody holds the folder. One that was killed may have left the file. */
export async function readDevFile(home: string): Promise<DevFile | null> {
  try {
    const content = JSON.parse(await readFile(pathOf(home), "utf8")) as DevFile;
    return isProcessAlive(content.pid) ? content : null;
  } catch {
    return null;
  }
}

export async function removeDevFile(home: string): Promise<void> {
  await rm(pathOf(home), { force: true });
}
