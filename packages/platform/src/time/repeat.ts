import type { Logger } from "../logger/logger.ts";

export interface Repeated {
  /** Resolves when the last run is over; none follows. */
  stop(): Promise<void>;
}

interface RepeatOptions {
  /** For the log: "<name> failed". */
  name: string;
  everyMs: number;
  /** The pause doubles with each failure, up to this. */
  maxPauseMs: number;
  logger: Logger;
}

/** Runs `work` again and again, never two at once; what fails is logged once until it works again. */
export function repeat({ name, everyMs, maxPauseMs, logger }: RepeatOptions, work: () => Promise<void>): Repeated {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  let failures = 0;

  async function run(): Promise<void> {
    try {
      await work();
      if (failures > 0) logger.info(`${name} works again`, { failures });
      failures = 0;
    } catch (error) {
      if (failures === 0) logger.warn(`${name} failed; trying again`, { error });
      failures += 1;
    }
    schedule();
  }

  function schedule(): void {
    if (isStopped) return;
    const pauseMs = Math.min(everyMs * 2 ** failures, Math.max(maxPauseMs, everyMs));
    timer = setTimeout(() => {
      running = run();
    }, pauseMs);
  }

  schedule();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
