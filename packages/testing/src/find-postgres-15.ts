import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where Debian, Red Hat and Homebrew put the oldest PostgreSQL that Echo runs on. */
const folders = [
  "/usr/lib/postgresql/15/bin",
  "/usr/pgsql-15/bin",
  "/opt/homebrew/opt/postgresql@15/bin",
  "/usr/local/opt/postgresql@15/bin",
];

export const noPostgres15 = "there is no PostgreSQL 15 on this machine: install one (apt-get install postgresql-15)";

/** The folder of its programs; null: this machine has none. */
export const findPostgres15 = (): string | null =>
  folders.find((folder) => existsSync(join(folder, "postgres"))) ?? null;
