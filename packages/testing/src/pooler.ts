import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@echo/cli/services";
import { describeIfHad } from "./leave-out.ts";
import { findServerAccount, makeServerFolder } from "./server-account.ts";
import { spawnServer } from "./spawn-server.ts";

const program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"].find(existsSync);
const missing = "there is no pgbouncer on this machine: install one (apt-get install pgbouncer)";

export interface TestPooler extends AsyncDisposable {
  /** The same database, through the pooler. */
  url: string;
}

export interface TestPoolerOptions {
  /** Default transaction. */
  mode?: "transaction" | "session";
  /** Connections to the server at most. Default 5. */
  size?: number;
}

/** pgbouncer before a database, as the database's own role, in a folder that goes with it. */
export async function startTestPooler(databaseUrl: string, options: TestPoolerOptions = {}): Promise<TestPooler> {
  if (program === undefined) throw new Error(missing);
  const { mode = "transaction", size = 5 } = options;
  const { hostname, port: serverPort, username, password } = new URL(databaseUrl);
  const account = await findServerAccount();
  const folder = await makeServerFolder("echo-pooler-", account);
  const port = await freePort("127.0.0.1");
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: join(folder, "users"),
    pool_mode: mode,
    default_pool_size: size,
    max_client_conn: 500,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const configPath = join(folder, "pgbouncer.ini");
  await writeFile(settings.auth_file, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  await writeFile(
    configPath,
    ["[databases]", `* = host=${hostname} port=${serverPort}`, "[pgbouncer]", ...lines, ""].join("\n"),
  );
  const args = ["-q", configPath];
  const server = await spawnServer({ command: program, args, account, folder, port, endBy: "SIGTERM" });
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: "127.0.0.1", port: String(port) }).href,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** A suite that starts poolers by `startTestPooler`. */
export function describeWithPooler(name: string, body: () => void): void {
  describeIfHad(name, program === undefined ? missing : null, body);
}
