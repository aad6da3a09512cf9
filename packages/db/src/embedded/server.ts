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
  /** False: what a test wrote may go with the power, never with a process. */
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
  ...(durable ? {} : { fsync: "off", full_page_writes: "off", max_wal_size: "256MB" }),
});

/**
 * Starts the server in a session of its own: Ctrl-C at the terminal is for Echo, which stops it last.
 * @throws EmbeddedError with the server's own last word when it does not come up
 */
export async function startServer(options: ServerOptions): Promise<Postmaster> {
  const { dataDir, logFile } = options.placement;
  const end = Date.now() + orphansMs;
  for (;;) {
    const { child, logFrom } = await spawnServer(options);
    const running = await whenReady(child, dataDir);
    if (running) return running;
    const said = await readFrom(logFile, logFrom);
    const isHeld = /lock file "postmaster.pid" already exists|still in use/.test(said);
    if (!isHeld || Date.now() > end) throw explain(said, options);
    await pause(200);
  }
}

interface Spawned {
  child: ChildProcess;
  /** Where in the log its words begin. */
  logFrom: number;
}

async function spawnServer(options: ServerOptions): Promise<Spawned> {
  const { native, dataDir, account, logFile } = options.placement;
  const settings = Object.entries(settingsOf(options)).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = await openLog(logFile);
  const { size } = await log.stat();
  try {
    const child = spawn(join(native.dir, "bin/postgres"), ["-D", dataDir, ...settings], {
      ...account,
      cwd: "/",
      env: programEnv,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    // It has no pid then, which whenReady sees.
    child.on("error", () => undefined);
    child.unref();
    return { child, logFrom: size };
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

/** By its own pid file: whoever else listens on that port may say anything. */
async function whenReady(child: ChildProcess, dataDir: string): Promise<Postmaster | undefined> {
  const end = Date.now() + recoveryMs;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null && Date.now() < end) {
    const running = await findPostmaster(dataDir);
    if (running?.isReady && running.pid === child.pid) return running;
    await pause(pollMs);
  }
  return undefined;
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
    // Without goodbye: a server that is silent would never answer it.
    client.connection.stream.destroy();
  }
}

/** Asks a server until it takes connections or is gone; a start may recover for a while, a silent one is given up sooner. */
export async function answerSoon(adminUrl: string, lives: () => Promise<boolean>): Promise<Answer> {
  const started = Date.now();
  while (await lives()) {
    const said = await answer(adminUrl);
    const patienceMs = said === "starting" ? recoveryMs : silenceMs;
    if (said === "yes" || said === "wrong password" || Date.now() > started + patienceMs) return said;
    await pause(200);
  }
  return "no";
}

async function readFrom(path: string, start: number): Promise<string> {
  return await readFile(path).then(
    (bytes) => bytes.subarray(start).toString(),
    () => "",
  );
}

export class PortInUse extends EmbeddedError {
  constructor(port: number) {
    super(`Port ${port} is in use; set POSTGRES_PORT to another one, or to 0 for any free one.`);
  }
}

function explain(said: string, { placement, port }: ServerOptions): EmbeddedError {
  if (said.includes("Address already in use")) return new PortInUse(port);
  const reason = /(?:FATAL|PANIC): +(.*)/.exec(said)?.[1] ?? "it gave no reason";
  return new EmbeddedError(`PostgreSQL did not start: ${reason} (more in ${placement.logFile})`);
}
