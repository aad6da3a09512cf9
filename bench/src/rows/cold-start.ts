import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeEmbedded } from "@echo/db";
import type { Figures, Row } from "../harness/row.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const portVariables = ["API", "REALTIME", "ADMIN", "DEMO"].map((name) => `${name}_PORT`);
const internalVariables = ["API_INTERNAL_PORT", "REALTIME_INTERNAL_PORT"];
/** The table that `npm start` prints once everything but the console answers. */
const readyMark = /^what +where +pid/m;

export const coldStart: Row = {
  name: "cold-start",
  measures:
    "seconds from `npm start` in an installed tree, without data, until API and realtime answer on a database that was made, started and migrated meanwhile",
  stages: () => [
    {
      label: "npm start",
      open: async () => ({ contestants: [{ name: "Echo", round: start }], close: async () => undefined }),
    },
  ],
};

async function start(): Promise<Figures> {
  const home = await mkdtemp(join(tmpdir(), "echo-cold-start-"));
  const settings = [`ECHO_HOME=${home}`, ...[...portVariables, ...internalVariables].map((name) => `${name}=0`)];
  const startedMs = performance.now();
  // `env` puts the settings on top of what this process inherited.
  const child = spawn("env", [...settings, "npm", "start"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  try {
    const seconds = await new Promise<number>((resolve, reject) => {
      const listen = (chunk: Buffer) => {
        said += String(chunk);
        if (readyMark.test(said)) resolve((performance.now() - startedMs) / 1_000);
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      child.once("exit", () => reject(new Error(`npm start ended: ${said.trim().split("\n").at(-1)}`)));
    });
    return { "s to ready": seconds };
  } finally {
    await end(child.pid);
    await removeEmbedded({ home });
    await rm(home, { recursive: true, force: true });
  }

  async function end(pid: number | undefined): Promise<void> {
    if (pid === undefined || child.exitCode !== null) return;
    const exited = once(child, "exit");
    // npm and what it started: a process group of its own.
    process.kill(-pid, "SIGINT");
    await exited;
  }
}
