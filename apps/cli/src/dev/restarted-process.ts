import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const stopWithinMs = 5_000;

export interface RestartedProcess {
  readonly isAlive: boolean;
  /** Ends the present process, if there is one, before the next begins: they have the same ports. */
  startAnew(): Promise<void>;
  stop(): Promise<void>;
}

export interface RestartedOptions {
  file: string;
  environment: NodeJS.ProcessEnv;
  /** Follows what a new process says. */
  follow(child: ChildProcess): void;
  /** It ended, and nobody asked for it. */
  onDeath(how: string): void;
}

/** A Node process that is started when somebody says so, never by itself. */
export function createRestartedProcess({ file, environment, follow, onDeath }: RestartedOptions): RestartedProcess {
  let child: ChildProcess | null = null;
  const isAlive = () => child !== null && child.exitCode === null && child.signalCode === null;

  const stop = async () => {
    const ending = child;
    if (ending === null || !isAlive()) return;
    const exited = once(ending, "exit");
    ending.kill("SIGTERM");
    const late = setTimeout(() => ending.kill("SIGKILL"), stopWithinMs);
    await exited;
    clearTimeout(late);
  };

  return {
    get isAlive() {
      return isAlive();
    },
    async startAnew() {
      await stop();
      // The channel tells the process when its parent was killed.
      const begun = spawn(process.execPath, ["--enable-source-maps", file], {
        env: environment,
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
      begun.once("exit", (code, signal) => {
        if (!begun.killed) onDeath(signal ?? `exit code ${code}`);
      });
      follow(begun);
      child = begun;
    },
    stop,
  };
}
