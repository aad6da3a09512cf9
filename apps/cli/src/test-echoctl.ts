import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { homeMode } from "./stack/make-home.ts";
import { type RunFile, readRunFile } from "./stack/run-file.ts";

const program = fileURLToPath(new URL("../bin/echoctl.mjs", import.meta.url));
const anyPorts = {
  API_PORT: "0",
  REALTIME_PORT: "0",
  API_INTERNAL_PORT: "0",
  REALTIME_INTERNAL_PORT: "0",
  WORKER_INTERNAL_PORT: "0",
  ADMIN_PORT: "0",
  DEMO_PORT: "0",
};
const startMs = 40_000;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** An echoctl in its own folder, as a person at a terminal would run it: for tests. */
export interface TestHome extends AsyncDisposable {
  home: string;
  /** Runs a command to its end; `input` is what it reads. */
  run(args: string[], env?: Record<string, string>, input?: string): Promise<Ended>;
  /** Starts a command that does not end by itself. */
  spawn(args: string[], env?: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> };
  /** `echoctl start` without the console, once everything answers. */
  start(args?: string[], env?: Record<string, string>): Promise<Started>;
}

export interface Started {
  run: RunFile;
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Ctrl-C. */
  stop(): Promise<Ended>;
}

interface Launch {
  env?: Record<string, string>;
  input?: string;
}

function launch(home: string, args: string[], { env = {}, input }: Launch = {}) {
  const inherited = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    NODE_ENV: "test",
    ARGON2_MEMORY_KIB: "64",
  };
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...inherited, ECHO_HOME: home, ...anyPorts, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** Whether a process lives; one that nobody has waited for yet does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function createTestHome(): Promise<TestHome> {
  const home = await mkdtemp(join(tmpdir(), "echo-cli-"));
  await chmod(home, homeMode);
  const children = new Set<ReturnType<typeof launch>>();
  const spawnIn = (args: string[], env: Record<string, string> = {}, input = "") => {
    const each = launch(home, args, { env, input });
    children.add(each);
    return each;
  };
  return {
    home,
    spawn: (args, env) => spawnIn(args, env),
    run: (args, env, input) => spawnIn(args, env, input).ended,
    async start(args = [], env) {
      await rm(join(home, "run.json"), { force: true });
      const { child, ended } = spawnIn(["start", "--no-console", ...args], env);
      const gone = ended.then((end) => {
        throw new Error(`start ended with ${end.code}: ${end.stderr}`);
      });
      gone.catch(() => undefined);
      const run = await Promise.race([
        gone,
        expect
          .poll(() => readRunFile(home), { timeout: startMs, interval: 50 })
          .not.toBeNull()
          .then(() => readRunFile(home)),
      ]);
      if (!run) throw new Error("run.json went as it came");
      return {
        run,
        child,
        ended,
        stop: () => {
          child.kill("SIGINT");
          return ended;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of children) child.kill("SIGTERM");
      await Promise.all([...children].map(({ ended }) => ended));
      if (existsSync(join(home, "postgres"))) await launch(home, ["reset", "--yes"]).ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
