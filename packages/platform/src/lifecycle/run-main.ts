import { DbError } from "@echo/db";
import { ConfigError } from "../config/read-config.ts";
import { EchoError } from "../errors.ts";
import { redactText } from "../logger/redact.ts";

/**
 * A process's start: what keeps it from starting is one sentence on standard error, its last line, and exit 1. What
 * nobody foresaw comes with its stack.
 */
export async function runMain(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${redactText(explain(error))}\n`, () => process.exit(1));
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, address }: NodeJS.ErrnoException & { port?: number; address?: string } = error;
  if (code === "EADDRINUSE") return `Port ${port} of ${address} is taken by another program`;
  if (code === "EACCES" && port !== undefined) return `Port ${port} of ${address} may not be opened by this user`;
  if (code === "EADDRNOTAVAIL") return `${address} is no address of this machine`;
  if (error instanceof DbError) return `The database cannot be used: ${error.message}`;
  if (error instanceof ConfigError || error instanceof EchoError) return error.message;
  return error.stack ?? error.message;
}
