import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "../cli-error.ts";

const secretBytes = 32;

/**
 * The secret of ECHO_HOME, made once. A kept database without its secret is refused: its signing keys and refresh
 * families could never be read again.
 */
export async function homeSecret(home: string): Promise<string> {
  const path = join(home, "secret");
  if (existsSync(path)) return (await readFile(path, "utf8")).trim();
  if (existsSync(join(home, "postgres"))) {
    throw new CliError(
      `${path} is missing beside a kept database: put it back from your backup, set ECHO_SECRET to it, or run "echoctl reset" to begin anew.`,
    );
  }
  await mkdir(home, { recursive: true, mode: 0o700 });
  const secret = randomBytes(secretBytes).toString("base64url");
  await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
  return secret;
}
