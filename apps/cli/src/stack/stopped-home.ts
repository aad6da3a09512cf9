import { stopUnusedEmbedded } from "@echo/db";
import { CliError } from "../cli-error.ts";
import { type CliConfig, readCliConfig } from "../config.ts";
import type { Terminal } from "../terminal.ts";
import { lockHome } from "./lock.ts";

/** Runs a command of the embedded mode that needs everything stopped, and keeps others from starting meanwhile. */
export async function withStoppedHome(
  terminal: Terminal,
  command: string,
  work: (config: CliConfig) => Promise<void>,
): Promise<void> {
  const config = readCliConfig(terminal.env);
  if (!config.isEmbedded) {
    throw new CliError(`${command} is for the embedded mode; DATABASE_URL is set, so use your database's own tools.`);
  }
  const lock = await lockHome(config.home);
  if (!lock) throw new CliError(`Echo runs in ${config.home}: stop it first.`);
  try {
    await stopUnusedEmbedded({ home: config.home });
    await work(config);
  } finally {
    await lock.release();
  }
}
