import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const echoctl = fileURLToPath(new URL("../../scripts/echoctl.mjs", import.meta.url));
const run = promisify(execFile);

interface RunFile {
  databaseUrl: string;
  ports: { api: number; realtime: number; admin: number; demo: number };
  processes: { kind: string; pid: number }[];
}

/** ECHO_HOME/run.json as it is now: a process that was started again has another pid. */
export function readRunFile(home: string): RunFile {
  return JSON.parse(readFileSync(join(home, "run.json"), "utf8")) as RunFile;
}

/** A running `echoctl start --demo`, as its run.json tells it. */
export interface Stack {
  home: string;
  demoUrl: string;
  consoleUrl: string;
  apiUrl: string;
  realtimeUrl: string;
  /** kill -9; the supervisor starts another on the same ports. */
  kill(kind: "api" | "realtime"): void;
  /** A fresh one, which voids the last. */
  signInLink(): Promise<string>;
}

export function stackOf(home: string): Stack {
  const { ports } = readRunFile(home);
  return {
    home,
    demoUrl: `http://127.0.0.1:${ports.demo}`,
    consoleUrl: `http://127.0.0.1:${ports.admin}`,
    apiUrl: `http://127.0.0.1:${ports.api}`,
    realtimeUrl: `ws://127.0.0.1:${ports.realtime}`,
    kill(kind) {
      for (const { pid } of readRunFile(home).processes.filter((each) => each.kind === kind)) {
        process.kill(pid, "SIGKILL");
      }
    },
    async signInLink() {
      const environment = { ...process.env, ECHO_HOME: home };
      const { stdout } = await run(process.execPath, [echoctl, "staff", "link"], { env: environment });
      return stdout.trim();
    },
  };
}

/** The one that the set-up started. */
export function stack(): Stack {
  const home = process.env.ECHO_E2E_HOME;
  if (!home) throw new Error("The set-up of the browser tests did not run");
  return stackOf(home);
}
