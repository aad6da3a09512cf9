import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { CliError } from "../cli-error.ts";
import { freePort } from "../stack/free-port.ts";
import { isAccepting } from "./is-accepting.ts";

const readyWithinMs = 10_000;

export interface RedisServerOptions {
  /** Where it keeps what it writes. */
  folder: string;
  /** Of loopback; default: any free one. */
  port?: number;
  /** More of the server's own options: `["--maxmemory", "1mb"]`. */
  args?: readonly string[];
}

/** A redis-server of this machine that this process started. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGSTOP freezes it, SIGCONT lets it go on. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts one that keeps nothing on disk. @throws CliError when the program is missing or does not answer */
export async function startRedis({ folder, port: wanted, args = [] }: RedisServerOptions): Promise<RedisServer> {
  const port = wanted ?? (await freePort("127.0.0.1"));
  const own = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", [...own, ...args], { stdio: ["ignore", "pipe", "ignore"], detached: true });
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const gone = once(child, "exit").then(
    () => {
      throw new CliError(`redis-server ended at once: ${said.trim().split("\n").at(-1) ?? ""}`);
    },
    (cause: unknown) => {
      throw new CliError("There is no redis-server on this machine.", { cause });
    },
  );
  await Promise.race([gone, whenAccepting(child, port)]);
  gone.catch(() => undefined);
  if (child.pid === undefined) throw new CliError("redis-server has no process.");
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    signal: (name) => void child.kill(name),
    stop: () => end(child),
  };
}

async function whenAccepting(child: ChildProcess, port: number): Promise<void> {
  const endMs = Date.now() + readyWithinMs;
  while (!(await isAccepting(port))) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (Date.now() > endMs) {
      await end(child);
      throw new CliError(`redis-server does not answer on port ${port}.`);
    }
    await pause(10);
  }
}

/** Also of one that is frozen. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
