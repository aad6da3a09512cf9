import { SingleBar } from "cli-progress";

export interface Progress {
  update(phase: string, done: number, total: number): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a line at every tenth of a phase. */
export function openProgress(): Progress {
  const bar = new SingleBar({
    format: "{phase} [{bar}] {value}/{total}",
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    clearOnComplete: true,
    hideCursor: true,
  });
  let current = "";
  return {
    update(phase, done, total) {
      if (phase !== current) {
        if (current !== "") bar.stop();
        bar.start(total, done, { phase });
        current = phase;
      }
      bar.update(done);
    },
    stop() {
      if (current !== "") bar.stop();
      current = "";
    },
  };
}
