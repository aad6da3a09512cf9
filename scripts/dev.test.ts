import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase } from "@echo/testing/database";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../apps/cli/src/stack/free-port.ts";
import { lockHome } from "../apps/cli/src/stack/lock.ts";
import { copyTree } from "./copy-tree.ts";

const timeoutMs = 240_000;
/** Far more than the 2 s that a quiet machine needs: this machine runs the other tests. */
const patience = { timeout: 60_000, interval: 50 };

interface Running {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "echo-dev-home-"));
  // As `start` makes it: PostgreSQL runs as another user where we are root.
  await chmod(home, 0o711);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

function run(root: string, words: string[], env: Record<string, string>): Running {
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", NODE_ENV: "test", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) ctrlC(child);
    await ended;
  });
  return { child, output: () => output, ended };
}

/** To the whole group, as a terminal does. */
const ctrlC = ({ pid = 0 }: ChildProcess) => process.kill(-pid, "SIGINT");

/** Everything that runs from these folders, whoever started it. */
const processesOf = (...folders: string[]): string[] =>
  execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => folders.some((folder) => line.includes(folder)));

async function refusalOf(url: string): Promise<string> {
  const headers = { authorization: "Bearer nonsense" };
  return await fetch(`${url}/trpc/auth.me`, { headers }).then(
    (response) => response.text(),
    () => "nothing answers",
  );
}

test("turbo dev starts everything, serves each change, survives a syntax error and leaves nothing behind", {
  timeout: timeoutMs,
}, async () => {
  await using tree = await copyTree("dev");
  const home = await makeHome();
  const apiPort = await freePort("127.0.0.1");
  const free = {
    API_INTERNAL_PORT: "0",
    REALTIME_PORT: "0",
    REALTIME_INTERNAL_PORT: "0",
    WORKER_INTERNAL_PORT: "0",
    ADMIN_PORT: "0",
    DEMO_PORT: "0",
  };
  const env = { ECHO_HOME: home, API_PORT: String(apiPort), ARGON2_MEMORY_KIB: "64", ...free };
  const url = `http://127.0.0.1:${apiPort}`;
  // The console's own reload is Next's, and Next does not follow links out of a copy.
  const turbo = run(tree.root, ["node_modules/.bin/turbo", "dev", "--filter=!@echo/admin"], env);
  await expect.poll(turbo.output, patience).toMatch(/Two people talking: http:/);
  expect(turbo.output()).toContain("applied migration 20261125000000_core");

  const start = run(tree.root, ["scripts/echoctl.mjs", "start"], { ...env, API_PORT: "0" });
  expect(await start.ended).toBe(1);
  expect(start.output()).toContain(`Echo already runs in ${home}: stop it first`);

  const slice = join(tree.root, "packages/core/src/auth/access-token.ts");
  const source = await readFile(slice, "utf8");
  await writeFile(slice, source.replaceAll("The access token is not valid", "No such token"));
  await expect.poll(() => refusalOf(url), patience).toContain("No such token");

  await appendFile(slice, "\nexport const broken = ;\n");
  await expect.poll(turbo.output, patience).toMatch(/access-token\.ts:\d+:\d+/);
  expect(await refusalOf(url)).toContain("No such token");
  await writeFile(slice, source.replaceAll("The access token is not valid", "Mended"));
  await expect.poll(() => refusalOf(url), patience).toContain("Mended");

  ctrlC(turbo.child);
  expect(await turbo.ended).toBe(0);
  await expect.poll(() => processesOf(tree.root, home), patience).toEqual([]);
});

test("turbo dev runs on a database of one's own, without the demo's people", { timeout: timeoutMs }, async () => {
  await using tree = await copyTree("dev");
  await using database = await createTestDatabase({ migrated: false });
  const home = await makeHome();
  const free = {
    API_PORT: "0",
    API_INTERNAL_PORT: "0",
    REALTIME_PORT: "0",
    REALTIME_INTERNAL_PORT: "0",
    WORKER_INTERNAL_PORT: "0",
  };
  const own = {
    DATABASE_URL: database.url,
    ECHO_SECRET: randomBytes(32).toString("base64url"),
    ECHO_HOST: "127.0.0.1",
  };
  const env = { ...free, ...own, ECHO_HOME: home, ADMIN_PORT: "0", DEMO_PORT: "0", ARGON2_MEMORY_KIB: "64" };
  const turbo = run(tree.root, ["node_modules/.bin/turbo", "dev", "--filter=!@echo/admin"], env);

  await expect.poll(turbo.output, patience).toContain("(DATABASE_URL)");

  expect(turbo.output()).toContain("applied migration 20261125000000_core");
  expect(turbo.output()).toContain("The demo hands out its people's passwords");
  ctrlC(turbo.child);
  expect(await turbo.ended).toBe(0);
  await expect.poll(() => processesOf(tree.root, home), patience).toEqual([]);
});

test("a migration that was added is applied at the next start, which is refused where a start runs", {
  timeout: timeoutMs,
}, async () => {
  await using tree = await copyTree("dev");
  const home = await makeHome();
  const env = { ECHO_HOME: home, API_PORT: "0", API_INTERNAL_PORT: "0", REALTIME_PORT: "0", ADMIN_PORT: "0" };
  const database = ["scripts/dev.mjs", "database"];
  const ports = { ...env, REALTIME_INTERNAL_PORT: "0", WORKER_INTERNAL_PORT: "0", DEMO_PORT: "0" };

  const lock = await lockHome(home);
  const refused = run(tree.root, database, ports);
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain(`Echo already runs in ${home}: stop it first`);
  await lock?.release();

  const folder = join(tree.root, "prisma/migrations/29990101000000_later");
  await mkdir(folder);
  await writeFile(join(folder, "migration.sql"), "CREATE TABLE users.later (id uuid PRIMARY KEY);\n");
  const keeper = run(tree.root, database, ports);
  await expect.poll(keeper.output, patience).toContain("applied migration 29990101000000_later");
  const ready = run(tree.root, ["scripts/dev.mjs", "ready"], ports);
  expect(await ready.ended).toBe(0);

  // Whatever is killed, the database is not left behind.
  keeper.child.kill("SIGKILL");
  await expect.poll(() => processesOf(tree.root, home), patience).toEqual([]);
});
