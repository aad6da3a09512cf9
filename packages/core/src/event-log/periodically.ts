import type { Logger } from "@echo/platform";

const longestPauseMs = 30_000;

export interface Repeated {
  /** Resolves when the last run is over. */
  stop(): Promise<void>;
}

/** Runs `work` again and again, never two at once; failures are logged and double the pause, up to 30 s. */
export function periodically(
  options: { name: string; everyMs: number; logger: Logger },
  work: () => Promise<void>,
): Repeated {
  const { name, everyMs, logger } = options;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let failures = 0;
  let running: Promise<void> = Promise.resolve();

  const run = async () => {
    try {
      await work();
      failures = 0;
    } catch (error) {
      failures += 1;
      logger.warn(`${name} failed`, { error });
    }
    if (!isStopped) timer = setTimeout(start, Math.min(everyMs * 2 ** failures, Math.max(everyMs, longestPauseMs)));
  };
  const start = () => {
    running = run();
  };
  timer = setTimeout(start, everyMs);
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
