import type { Clock } from "@echo/platform";
import type { CliConfig } from "../config.ts";
import type { RunFile } from "../stack/run-file.ts";

/** What is examined. */
export interface Patient {
  /** As it was given. */
  env: NodeJS.ProcessEnv;
  config: CliConfig;
  /** What a `start` in this folder says of itself; null when none runs. */
  run: RunFile | null;
  clock: Clock;
  note(line: string): void;
}
