import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { EmbeddedError } from "./embedded-error.ts";
import type { Placement } from "./placement.ts";
import { findPostmaster, type Postmaster, pause } from "./postmaster.ts";
import { programEnv } from "./run-program.ts";

export interface ServerOptions {
  placement: Placement;
  port: number;
  adminUrl: string;
  /** False: what a test wrote may go with the power. */
  durable: boolean;
}

const maxConnections = 300;
const maxLogBytes = 10 * 1024 * 1024;
const pollMs = 20;
/** Recovery after a crash replays at most max_wal_size (1 GiB). */
const recoveryMs = 180_000;
const silenceMs = 15_000;
/** Sessions of a killed postmaster notice at their next wait; until then the folder is in use. */
const orphansMs = 40_000;

const settingsOf = ({ port, durable }: ServerOptions): Record<string, string | number> => ({
  port,
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: maxConnections,
  // Errors of statements are the application's to log: their text may hold what people wrote.
  log_min_messages: "log",
  log_checkpoints: "off",
  jit: "off",
  // Parallel workers need more shared memory than a container has by default (64 MB).
  max_parallel_workers_per_gather: 0,
  max_parallel_maintenance_workers: 0,
  ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_wal_size: "256MB" }),
});

/**
 * Starts the server in a session of its own: Ctrl-C at the terminal is for Echo, which stops it last.
 * @throws EmbeddedError with the server's own last word when it does not come up
 */
export async function startServer(options: ServerOptions): Promise<Postmaster> {
  const { dataDir } = options.placement;
  const end = Date.now() + orphansMs;
  for (;;) {
    const child = await spawnServer(options);
    if (await isReady(child, options)) {
      const running = await findPostmaster(dataDir);
      if (running) return running;
    }
    const fault = await lastFault(options.placement.logFile);
    if (!/still in use|is another postmaster/i.test(fault) || Date.now() > end) throw explain(fault, options);
    await pause(200);
  }
}

async function spawnServer(options: ServerOptions): Promise<ChildProcess> {
  const { native, dataDir, account, logFile } = options.placement;
  const settings = Object.entries(settingsOf(options)).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = await openLog(logFile);
  try {
    const child = spawn(join(native.dir, "bin/postgres"), ["-D", dataDir, ...settings], {
      ...account,
      cwd: "/",
      env: programEnv,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    // Spoken of by isReady.
    child.on("error", () => undefined);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** Kept open by the server, hence rotated only while it starts; it says little once it runs. */
async function openLog(path: string) {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  );
  if (size > maxLogBytes) await rename(path, `${path}.1`);
  return await open(path, "a", 0o600);
}

async function isReady(child: ChildProcess, { adminUrl }: ServerOptions): Promise<boolean> {
  const end = Date.now() + recoveryMs;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null && Date.now() < end) {
    const said = await answer(adminUrl);
    if (said === "yes" || said === "wrong password") return true;
    await pause(pollMs);
  }
  return false;
}

export type Answer = "yes" | "wrong password" | "starting" | "no";

/** What the server says to a connection of this role. */
export async function answer(adminUrl: string): Promise<Answer> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return "yes";
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) return "no";
    if (error.code === "57P03") return "starting";
    // Whatever else it refuses, it is there.
    return error.code?.startsWith("28") ? "wrong password" : "yes";
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Asks until it takes connections; a start may recover for a while, a silent server is given up sooner. */
export async function answerSoon(adminUrl: string): Promise<Answer> {
  const started = Date.now();
  for (;;) {
    const said = await answer(adminUrl);
    const patienceMs = said === "starting" ? recoveryMs : silenceMs;
    if (said === "yes" || said === "wrong password" || Date.now() > started + patienceMs) return said;
    await pause(200);
  }
}

async function lastFault(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, "utf8").catch(() => "")).split("\n");
  const from = lines.findLastIndex((line) => /(FATAL|PANIC): /.test(line));
  return from < 0 ? "" : lines.slice(Math.max(0, from - 2)).join(" ");
}

export class PortInUse extends EmbeddedError {
  constructor(port: number) {
    super(`Port ${port} is in use; set POSTGRES_PORT to another one, or to 0 for any free one.`);
  }
}

function explain(fault: string, { placement, port }: ServerOptions): EmbeddedError {
  if (/Address already in use/.test(fault)) return new PortInUse(port);
  const reason = /(?:FATAL|PANIC): +(.*)/.exec(fault)?.[1]?.trim() ?? "it gave no reason";
  return new EmbeddedError(`PostgreSQL did not start: ${reason} (more in ${placement.logFile})`);
}
