import { DbError } from "@echo/db";
import { ConfigError } from "../config/read-config.ts";
import { EchoError } from "../errors.ts";
import { createLogger } from "../logger/create-logger.ts";

/**
 * What main calls: a start that fails ends the process with 1, and its last log line says why; in one sentence and without
 * a stack where an operator can mend it.
 */
export async function startProcess(service: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const sentence = sentenceOf(error);
    const logger = createLogger({ service });
    if (sentence === null) logger.fatal("The start failed", { error });
    else logger.fatal(sentence);
    process.exit(1);
  }
}

function sentenceOf(error: unknown): string | null {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof EchoError && error.code !== "INTERNAL") return error.message;
  if (error instanceof DbError && error.kind === "unavailable") return `The database does not answer: ${error.message}`;
  return error instanceof Error ? listenFault(error) : null;
}

function listenFault(error: Error & { code?: unknown; address?: unknown; port?: unknown }): string | null {
  const where = `${String(error.address)}:${String(error.port)}`;
  if (error.code === "EADDRINUSE") return `The port ${where} is in use: end what listens there, or choose another.`;
  if (error.code === "EACCES" && error.port !== undefined) return `The port ${where} may not be opened by this user.`;
  if (error.code === "EADDRNOTAVAIL") return `This machine has no address ${where}.`;
  return null;
}
