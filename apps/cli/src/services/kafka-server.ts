import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { freePort } from "../stack/free-port.ts";
import { isAccepting } from "./is-accepting.ts";
import { type KafkaSecurity, type KafkaSpot, prepareKafka } from "./prepare-kafka.ts";
import { type StartedProgram, startLogged } from "./start-logged.ts";

const endWithinMs = 10_000;

export interface KafkaServerOptions {
  /** Where it keeps its data and its log, over a stop. Its process's id is in `kafka.pid`, and leads a group. */
  folder: string;
  /** Of loopback; default: any free one. */
  port?: number;
  security?: KafkaSecurity;
  /** More of the broker's own settings: `{ "message.max.bytes": "1000" }`. */
  settings?: Readonly<Record<string, string>>;
}

/** A broker of this machine that this process started. */
export interface KafkaServer {
  /** host:port */
  readonly brokers: string;
  readonly port: number;
  /** Another after `start`. */
  readonly pid: number;
  /** SIGSTOP freezes it, SIGCONT lets it go on, SIGKILL crashes it. */
  signal(name: NodeJS.Signals): void;
  /** In order, which takes 0.3 s; also of one that is frozen. */
  stop(): Promise<void>;
  /** Again on its port, with its data, after it was stopped or crashed. @throws CliError */
  start(): Promise<void>;
}

/** Starts one in 3 s, longer where its jars are yet to be fetched. @throws CliError when it can't be had or does not answer */
export async function startKafka(options: KafkaServerOptions): Promise<KafkaServer> {
  const port = options.port ?? (await freePort("127.0.0.1"));
  await mkdir(options.folder, { recursive: true });
  let running = await launch({ ...options, port });
  return {
    brokers: `127.0.0.1:${port}`,
    port,
    get pid() {
      return running.pid;
    },
    signal: (name) => void running.child.kill(name),
    stop: () => end(running.child),
    async start() {
      await end(running.child);
      running = await launch({ ...options, port });
    },
  };
}

async function launch(spot: KafkaSpot): Promise<StartedProgram> {
  const { folder, port } = spot;
  const prepared = await prepareKafka(spot, () => undefined);
  // It accepts when all else is done.
  return startLogged({ name: "kafka", folder, launch: prepared, isReady: () => isAccepting(port) });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  const late = setTimeout(() => child.kill("SIGKILL"), endWithinMs);
  child.kill("SIGTERM");
  child.kill("SIGCONT");
  await exited;
  clearTimeout(late);
}
