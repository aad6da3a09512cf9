import type { ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createBundler } from "./bundle.ts";
import { createRestartedProcess } from "./restarted-process.ts";
import { createTurnstile } from "./turnstile.ts";
import { watchFolders } from "./watch-folders.ts";

/** An editor writes a file in several steps, a checkout many files. */
const settleMs = 30;

export interface WatchedApp {
  main: string;
  /** Where its bundle goes: below node_modules, from where its packages are found. */
  outfile: string;
  folders: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Follows what a new process says. */
  follow(child: ChildProcess): void;
  note(line: string): void;
  signal: AbortSignal;
}

/** Runs an app and starts it anew after each change that builds; one that does not leaves the running process as it is. */
export async function runWatchedApp(app: WatchedApp): Promise<void> {
  const { outfile, note, signal } = app;
  const changes = createTurnstile(signal);
  const bundler = await createBundler(app.main, outfile);
  const watch = await watchFolders(app.folders, changes.open);
  const running = createRestartedProcess({
    ...app,
    file: outfile,
    onDeath: (how) => !signal.aborted && note(`It ended (${how}); waiting for a change.`),
  });
  await mkdir(dirname(outfile), { recursive: true });
  let present: string | null = null;
  const renew = async () => {
    const built = await bundler.build();
    if (signal.aborted) return;
    if (built === null) return note(running.isAlive ? "The process from before runs on." : "Waiting for a change.");
    // What changed may be a test.
    if (built === present && running.isAlive) return;
    if (present !== null) note("Changed: starting anew.");
    await writeFile(outfile, built);
    await running.startAnew();
    present = built;
  };
  try {
    while (!signal.aborted) {
      await renew();
      await changes.pass();
      await pause(settleMs);
    }
  } finally {
    watch.close();
    await Promise.all([running.stop(), bundler.close()]);
  }
}
