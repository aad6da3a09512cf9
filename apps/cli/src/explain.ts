import { CliError } from "./cli-error.ts";

/** Faults that carry their own sentence for people, whichever package they come from. */
const spoken = new Set(["CliError", "ConfigError", "EmbeddedError", "MigrationError", "EchoError"]);

/** One clear sentence for what a person can mend; the stack for what only we can. */
export function explain(error: unknown): string {
  if (error instanceof CliError) return error.message;
  if (!(error instanceof Error)) return String(error);
  return spoken.has(error.name) ? error.message : (error.stack ?? error.message);
}
