import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Core, createCore, processConfigOf, stopCore } from "@echo/core";
import { createLogger, type Logger } from "@echo/platform";
import { type CliConfig, readCliConfig } from "../config.ts";
import type { Terminal } from "../terminal.ts";
import { type OpenDatabase, openDatabase, requireSchema } from "./database.ts";
import { requireSecret } from "./secret.ts";

const poolMax = 3;

export interface CoreSource {
  config: CliConfig;
  secret: string;
  database: Pick<OpenDatabase, "url" | "directUrl">;
}

/** Runs `work` on a Core of its own, beside those of a running system. @throws EchoError when the secret does not fit */
export async function withCore<T>(
  { config, secret, database }: CoreSource,
  work: (core: Core) => Promise<T>,
): Promise<T> {
  const environment = {
    ...config,
    DATABASE_URL: database.url,
    DATABASE_DIRECT_URL: database.directUrl,
    DB_POOL_MAX: poolMax,
    ECHO_SECRET: new Uint8Array(Buffer.from(secret, "base64url")),
  };
  const core = await createCore(processConfigOf("echoctl", environment), { logger: createCommandLogger(config) });
  try {
    return await work(core);
  } finally {
    await stopCore(core);
  }
}

/** The same, on the database that the environment names. */
export async function withCommandCore<T>(
  terminal: Terminal,
  work: (core: Core, config: CliConfig) => Promise<T>,
): Promise<T> {
  const config = readCliConfig(terminal.env);
  const secret = await requireSecret(config, terminal.env.ECHO_SECRET);
  const database = await openDatabase(config, terminal.note);
  try {
    await requireSchema(config, database, terminal.note);
    return await withCore({ config, secret, database }, (core) => work(core, config));
  } finally {
    await database.close();
  }
}

/** Beside the logs of the processes; with a database of the operator's, where there may be no folder: standard error. */
function createCommandLogger({ isEmbedded, home, LOG_LEVEL: level }: CliConfig): Logger {
  const folder = join(home, "logs");
  if (isEmbedded) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = isEmbedded
    ? (line: string) => appendFileSync(join(folder, "echoctl.log"), line, { mode: 0o600 })
    : (line: string) => void process.stderr.write(line);
  return createLogger({ service: "echoctl", level, destination: { write } });
}
