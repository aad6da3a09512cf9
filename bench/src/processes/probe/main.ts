import { serveCommands } from "../serve-commands.ts";

// Loaded into a process before its own main (--import), with --expose-gc: tells its memory when it is asked.
const commands = {
  /** Resident bytes after what is garbage was collected. */
  async residentBytes(_: null): Promise<number> {
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return process.memoryUsage.rss();
  },
};
export type Probe = typeof commands;

serveCommands(commands);
