import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { migrate, startEmbedded } from "@echo/db";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { fastestFolder } from "./fastest-folder.ts";
import { templateName } from "./test-postgres.ts";

/** One PostgreSQL for the whole run, in a folder that goes with it, and a migrated database that tests copy. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(await fastestFolder(), "echo-tests-"));
  // As root the server runs as another user, who has to pass.
  await chmod(home, 0o711);
  const endWatch = watchOver(home);
  const postgres = await startEmbedded({ home, durable: false });
  await createTemplate(postgres.adminUrl, postgres.url);
  project.provide("postgres", { adminUrl: postgres.adminUrl, url: postgres.url });
  return async () => {
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
    endWatch();
  };
}

async function createTemplate(adminUrl: string, url: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${templateName} OWNER echo`);
    await migrate({ url: Object.assign(new URL(url), { pathname: templateName }).href });
    await admin.query(`ALTER DATABASE ${templateName} IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  } finally {
    await admin.end();
  }
}

/** A run that is killed cannot clean up: a shell that waits for its end does. */
function watchOver(home: string): () => void {
  const script = 'cat > /dev/null; kill -INT "$(head -n 1 "$1/postgres/data/postmaster.pid")"; sleep 1; rm -rf -- "$1"';
  const shell = spawn("/bin/sh", ["-c", script, "sh", home], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  shell.unref();
  return () => shell.kill("SIGKILL");
}
