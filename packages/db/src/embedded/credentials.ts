import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Passwords of the embedded PostgreSQL's two roles. */
export interface Credentials {
  adminPassword: string;
  password: string;
}

export const adminRole = "postgres";
/** The application's role; it owns the database of the same name and is no superuser. */
export const applicationRole = "echo";
export const databaseName = "echo";

const fileName = "credentials.json";
const newPassword = (): string => randomBytes(24).toString("base64url");

export async function readCredentials(ownDir: string): Promise<Credentials | undefined> {
  try {
    const { adminPassword, password } = JSON.parse(await readFile(join(ownDir, fileName), "utf8"));
    return typeof adminPassword === "string" && typeof password === "string" ? { adminPassword, password } : undefined;
  } catch {
    // Missing or cut off: the cluster gets new ones.
    return undefined;
  }
}

export async function makeCredentials(ownDir: string): Promise<Credentials> {
  const credentials = { adminPassword: newPassword(), password: newPassword() };
  const file = join(ownDir, fileName);
  await writeFile(`${file}.new`, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return credentials;
}

/** Where to connect as whom. */
export interface Address {
  role: string;
  password: string;
  port: number;
  database: string;
}

export const urlOf = ({ role, password, port, database }: Address): string =>
  `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`;
