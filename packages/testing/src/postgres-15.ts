import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@echo/cli/services";
import pg from "pg";
import { findPostgres15, noPostgres15 } from "./find-postgres-15.ts";
import { findServerAccount, makeServerFolder } from "./server-account.ts";
import { spawnServer } from "./spawn-server.ts";
import { runAsAdmin } from "./test-postgres.ts";

export interface Postgres15 extends AsyncDisposable {
  /** Superuser, at database postgres. */
  adminUrl: string;
  /** An empty database, and the plain role that owns it. */
  createDatabase(): Promise<string>;
  /** Runs one of its programs, pg_dump for instance, and answers what it printed. */
  run(program: string, ...args: string[]): Promise<string>;
}

/** A cluster of its own, on loopback, in a folder that goes with it. @throws Error where there is no PostgreSQL 15 */
export async function startPostgres15(): Promise<Postgres15> {
  const programs = findPostgres15();
  if (programs === null) throw new Error(noPostgres15);
  const account = await findServerAccount();
  const folder = await makeServerFolder("echo-postgres-15-", account);
  const dataDir = join(folder, "data");
  const run = async (program: string, ...args: string[]) => {
    const options = { ...account, cwd: folder, maxBuffer: 64 * 1024 ** 2 };
    return (await promisify(execFile)(join(programs, program), args, options)).stdout;
  };
  const password = randomBytes(16).toString("hex");
  const passwordPath = join(folder, "password");
  await writeFile(passwordPath, password);
  const owner = ["--username=postgres", `--pwfile=${passwordPath}`, "--auth=scram-sha-256"];
  await run("initdb", `--pgdata=${dataDir}`, "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", ...owner);
  const port = await freePort("127.0.0.1");
  const settings = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"];
  const args = ["-D", dataDir, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
  const server = await spawnServer({ command: join(programs, "postgres"), args, account, folder, port });
  const adminUrl = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
  await whenOpen(adminUrl);
  return { adminUrl, createDatabase: () => createDatabase(adminUrl), run, [Symbol.asyncDispose]: () => server.stop() };
}

async function createDatabase(adminUrl: string): Promise<string> {
  const password = randomBytes(16).toString("hex");
  await runAsAdmin(adminUrl, `CREATE ROLE echo LOGIN PASSWORD '${password}'`);
  await runAsAdmin(adminUrl, "CREATE DATABASE echo OWNER echo");
  return Object.assign(new URL(adminUrl), { username: "echo", password, pathname: "echo" }).href;
}

/** It listens before it lets anybody in. */
async function whenOpen(adminUrl: string): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: adminUrl });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== "57P03") throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
