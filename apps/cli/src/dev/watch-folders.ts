import { type FSWatcher, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Nothing that runs comes from there. */
const quiet = new Set(["node_modules", ".next", ".turbo", "generated"]);

export interface FolderWatch {
  close(): void;
}

/** Tells of any change in these folders and those below, also in folders that come later. */
export async function watchFolders(roots: readonly string[], onChange: () => void): Promise<FolderWatch> {
  const watchers = new Map<string, FSWatcher>();
  let isClosed = false;

  const add = async (folder: string): Promise<void> => {
    if (isClosed || watchers.has(folder)) return;
    const watcher = watch(folder, (event) => {
      onChange();
      if (event === "rename") void addBelow(folder);
    });
    const forget = () => {
      watcher.close();
      watchers.delete(folder);
    };
    // A folder that is removed takes its watcher with it.
    watcher.on("error", forget);
    watchers.set(folder, watcher);
    await addBelow(folder);
  };

  const addBelow = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const below = entries.filter((entry) => entry.isDirectory() && !quiet.has(entry.name));
    await Promise.all(below.map(({ name }) => add(join(folder, name)).catch(() => undefined)));
  };

  await Promise.all(roots.map(add));
  return {
    close() {
      isClosed = true;
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
