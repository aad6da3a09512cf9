import type { Logger } from "../logger/logger.ts";
import type { Lifecycle } from "./lifecycle.ts";

/**
 * What main calls first: SIGTERM, SIGINT, a parent that is gone (its IPC channel closes) and an exception that nobody
 * caught stop the process in order and end it, with 0 when a wanted stop left nothing open, else 1. Later signals change
 * nothing: on Ctrl-C a terminal signals the whole group and the parent once more. A reader of our output that goes away
 * (EPIPE) does not take the process with it.
 */
export function stopOnSignals({ lifecycle, logger }: { lifecycle: Lifecycle; logger: Logger }): void {
  let isEnding = false;
  const end = async (reason: string, exitCode: 0 | 1): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    logger.info("stopping", { reason });
    const { stuck, failed } = await lifecycle.stop();
    logger.info("stopped", { reason, stuck, failed });
    process.exit(stuck.length + failed.length > 0 ? 1 : exitCode);
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end(signal, 0));
  process.on("disconnect", () => void end("the parent process is gone", 0));
  process.on("uncaughtException", (error) => {
    logger.fatal("uncaught exception", { error });
    void end(`uncaught exception: ${error.message}`, 1);
  });
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreBrokenPipe);
  // It may have gone before we listened.
  if (process.send && !process.connected) void end("the parent process is gone", 0);
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
