import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assertSecretMatches } from "@echo/core/auth";
import { createDb } from "@echo/db";
import { CliError } from "../cli-error.ts";
import type { CliConfig } from "../config.ts";
import { makeHome } from "./make-home.ts";

const secretBytes = 32;

/** The given one, else in the embedded mode the folder's own. @throws CliError */
export async function requireSecret(config: CliConfig, given: string | undefined): Promise<string> {
  if (given) return given;
  if (config.isEmbedded) return homeSecret(config.home);
  throw new CliError(
    "ECHO_SECRET is not set: with DATABASE_URL every process needs the same 32 random bytes as base64url (openssl rand -base64 32 | tr +/ -_).",
  );
}

/**
 * The secret of ECHO_HOME, made once. A kept database without its secret is refused: its signing keys and refresh
 * families could never be read again.
 */
async function homeSecret(home: string): Promise<string> {
  const path = join(home, "secret");
  if (existsSync(path)) return (await readFile(path, "utf8")).trim();
  if (existsSync(join(home, "postgres", "data")) || existsSync(join(home, "postgres", "elsewhere"))) {
    throw new CliError(
      `${path} is missing beside a kept database: put it back from your backup, set ECHO_SECRET to it, or run "echoctl reset" to begin anew.`,
    );
  }
  await makeHome(home);
  const secret = randomBytes(secretBytes).toString("base64url");
  await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
  return secret;
}

/** A secret that does not read what the database holds is told before any process starts. @throws EchoError */
export async function requireSameSecret(
  database: { url: string },
  { secret, previous }: { secret: string; previous: string | undefined },
): Promise<void> {
  const db = createDb({ url: database.url, poolMax: 1, applicationName: "echoctl", namedStatements: false });
  try {
    await assertSecretMatches(db, bytesOf(secret), previous ? bytesOf(previous) : null);
  } finally {
    await db.close();
  }
}

const bytesOf = (base64url: string): Uint8Array => Buffer.from(base64url, "base64url");
