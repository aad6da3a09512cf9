import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

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

/** Written beside and renamed, so that no app reads half of it; 0600, since it holds the secret. */
export async function writeDevFile(home: string, content: DevFile): Promise<void> {
  const path = pathOf(home);
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Null while nobody holds the folder. One that was killed may have left the file. */
export async function readDevFile(home: string): Promise<DevFile | null> {
  try {
    const content = JSON.parse(await readFile(pathOf(home), "utf8")) as DevFile;
    process.kill(content.pid, 0);
    return content;
  } catch {
    return null;
  }
}

export async function removeDevFile(home: string): Promise<void> {
  await rm(pathOf(home), { force: true });
}
