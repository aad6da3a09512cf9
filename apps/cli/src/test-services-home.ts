import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTestHome, type TestHome } from "./test-echoctl.ts";

/** An engine's tools that no engine is behind. */
export const noEngine = { DOCKER_HOST: "tcp://127.0.0.1:1" };

interface Facts {
  services: { address: string; by: string; wasRunning: boolean }[];
}

/** What was started goes with the test. */
export async function createServicesHome() {
  const home = await createTestHome();
  /** A machine whose only programs are these. */
  const programs = join(home.home, "programs");
  await mkdir(programs);
  return {
    ...home,
    programs,
    async plant(name: string, script: string) {
      await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(programs, name), 0o755);
    },
    async facts(args: string[] = [], env: Record<string, string> = {}) {
      const { stdout } = await home.run(["services", ...args, "--json"], env);
      return (JSON.parse(stdout) as Facts).services;
    },
    async [Symbol.asyncDispose]() {
      const left = await readdir(join(home.home, "services")).catch(() => []);
      if (left.length > 0) await home.run(["services", "reset"]);
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Of what was started for a service. */
export const readPid = async ({ home }: TestHome, name: string) =>
  (JSON.parse(await readFile(join(home, `services/${name}.json`), "utf8")) as { pid: number }).pid;
