import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MigrationError } from "./migration-error.ts";

export interface Migration {
  name: string;
  script: string;
  /** SHA-256 of the script as it is: what Prisma records. */
  checksum: string;
  /** Checksums of the script under either line ending: a checkout may change them. */
  accepted: ReadonlySet<string>;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** prisma/migrations of the tree or image that this file runs in, whatever the working directory. */
export function findMigrationsDir(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); dir !== dirname(dir); dir = dirname(dir)) {
    const candidate = join(dir, "prisma/migrations");
    if (existsSync(join(candidate, "migration_lock.toml"))) return candidate;
  }
  throw new MigrationError("The folder prisma/migrations is missing: this installation of Echo is incomplete.");
}

/** By name, which begins with the time: the order in which they are applied. */
export async function readMigrations(dir: string): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return await Promise.all(names.sort().map((name) => readMigration(dir, name)));
}

async function readMigration(dir: string, name: string): Promise<Migration> {
  const path = join(dir, name, "migration.sql");
  const script = await readFile(path, "utf8").catch((error: unknown) => {
    throw new MigrationError(`The migration ${name} cannot be read: ${path} is missing or closed.`, { cause: error });
  });
  const lf = script.replaceAll("\r\n", "\n");
  const accepted = new Set([script, lf, lf.replaceAll("\n", "\r\n")].map(sha256));
  return { name, script, checksum: sha256(script), accepted };
}
