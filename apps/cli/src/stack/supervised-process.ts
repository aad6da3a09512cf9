import type { ChildProcess, StdioOptions } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { ReadyMessage } from "@echo/platform";
import { CliError } from "../cli-error.ts";
import { launchProcess } from "./launch-process.ts";
import type { ProcessKind } from "./process-kinds.ts";
import type { ProcessLog } from "./process-log.ts";

const restartPauseMs = 1_000;
const restartsPerMinute = 5;
const readyWithinMs = 30_000;
const stopWithinMs = 35_000;

export interface Ports {
  port: number;
  internalPort: number;
}

export interface ProcessSpec {
  kind: ProcessKind;
  name: string;
  /** Default: that of its kind. */
  main?: string | undefined;
  /** Given the ports it had before, so that a restart keeps its address; null at the first start. */
  environment(ports: Ports | null): Record<string, string>;
  log: ProcessLog;
}

export interface SupervisorEvents {
  /** After each (re)start, once its ports answer. */
  onReady(process: SupervisedProcess): void;
  /** It died, and is started again. */
  onDeath(process: SupervisedProcess): void;
  /** It died too often. */
  onGiveUp(error: CliError): void;
}

function launch(spec: ProcessSpec, environment: Record<string, string>): ChildProcess {
  // A process group of its own: Ctrl-C reaches the supervisor alone, which stops things in order.
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", "ipc"];
  const child = launchProcess(spec.kind, { env: environment, stdio, detached: true }, spec.main);
  if (child.stdout) spec.log.follow(child.stdout);
  if (child.stderr) spec.log.follow(child.stderr);
  return child;
}

/** A child that is started again when it dies, on the ports that it had. */
export class SupervisedProcess {
  readonly #spec: ProcessSpec;
  readonly #events: SupervisorEvents;
  readonly #changes = new EventEmitter<{ ready: []; exit: [] }>();
  #child: ChildProcess;
  #ports: Ports | null = null;
  #isReady = false;
  #isStopping = false;
  #deaths: number[] = [];

  constructor(spec: ProcessSpec, events: SupervisorEvents) {
    this.#spec = spec;
    this.#events = events;
    this.#changes.setMaxListeners(0);
    this.#child = this.#start();
  }

  get kind(): ProcessKind {
    return this.#spec.kind;
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Zero until it was ready for the first time. */
  get ports(): Ports {
    return this.#ports ?? { port: 0, internalPort: 0 };
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Sends a signal to the present child; what follows is what follows any death. */
  kill(signal: NodeJS.Signals): void {
    this.#isReady = false;
    this.#child.kill(signal);
  }

  /** Resolves when the present or the next child answers. */
  async whenReady(): Promise<void> {
    if (!this.#isReady) await once(this.#changes, "ready");
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const exited = once(this.#changes, "exit");
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
      await exited;
      clearTimeout(late);
    }
    await this.#spec.log.close();
  }

  #start(): ChildProcess {
    const child = launch(this.#spec, this.#spec.environment(this.#ports));
    const late = setTimeout(() => child.kill("SIGKILL"), readyWithinMs);
    child.on("message", (raw) => {
      const message = ReadyMessage.safeParse(raw);
      if (!message.success) return;
      clearTimeout(late);
      this.#ports = { port: message.data.port, internalPort: message.data.internalPort };
      this.#isReady = true;
      this.#changes.emit("ready");
      this.#events.onReady(this);
    });
    child.once("exit", () => {
      clearTimeout(late);
      this.#isReady = false;
      this.#changes.emit("exit");
      if (!this.#isStopping) this.#afterDeath();
    });
    return child;
  }

  #afterDeath(): void {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
    if (this.#deaths.length > restartsPerMinute) {
      this.#events.onGiveUp(new CliError(`${this.name} keeps dying; its last log line: ${this.#spec.log.lastLine()}`));
      return;
    }
    this.#events.onDeath(this);
    setTimeout(() => {
      if (!this.#isStopping) this.#child = this.#start();
    }, restartPauseMs);
  }
}
