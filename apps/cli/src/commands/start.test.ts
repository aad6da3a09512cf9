import { readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createEcho } from "@echo/client";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { freePort } from "../stack/free-port.ts";
import { readRunFile } from "../stack/run-file.ts";
import { createTestHome, isAlive, type Started } from "../test-echoctl.ts";

const timeoutMs = 120_000;

const clientOf = ({ run }: Started) =>
  createEcho({ apiUrl: `http://127.0.0.1:${run.ports.api}`, realtimeUrl: `ws://127.0.0.1:${run.ports.realtime}` });

const ada = { email: "ada@example.org", password: "a long enough pass phrase" };

/** The one line that a person reads when nothing else went wrong. */
const sentenceOf = (stderr: string): string => stderr.trim().split("\n").at(-1) ?? "";

/** The last log line of each process that still lives. */
const lastWordsOf = (home: string, { run }: Started): string[] =>
  run.processes
    .filter(({ pid }) => isAlive(pid))
    .map(
      ({ kind }) =>
        `${kind}: ${readFileSync(join(home, "logs", `${kind}.log`), "utf8")
          .trim()
          .split("\n")
          .at(-1)}`,
    );

test("a start answers, tells where, ends in order, and a second start finds the data", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  const first = await home.start(["--nodes", "2"]);
  expect(first.run.processes.map(({ kind }) => kind)).toEqual([
    ...["api", "api", "realtime", "realtime"],
    ...["worker", "worker"],
  ]);
  const register = clientOf(first);
  await register.api.auth.register.mutate(ada);
  register.close();
  const ended = await first.stop();
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain(`http://127.0.0.1:${first.run.ports.api}/trpc`);
  expect(await readRunFile(home.home)).toBeNull();
  expect(first.run.processes.filter(({ pid }) => isAlive(pid))).toEqual([]);

  const second = await home.start();
  const login = clientOf(second);
  await expect(login.api.auth.login.mutate(ada)).resolves.toMatchObject({ user: { email: ada.email } });
  login.close();
  expect((await second.stop()).code).toBe(0);
});

test("kill -9 of the starter leaves nothing that needs a human", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const first = await home.start();
  first.child.kill("SIGKILL");
  await first.ended;
  await expect.poll(() => lastWordsOf(home.home, first), { timeout: 60_000 }).toEqual([]);

  const second = await home.start();
  expect(second.run.ports.postgres).toBe(first.run.ports.postgres);
  second.child.kill("SIGKILL");
  await second.ended;
  await expect.poll(() => lastWordsOf(home.home, second), { timeout: 60_000 }).toEqual([]);
  expect(await home.run(["reset"])).toMatchObject({ code: 0 });
});

test("a second start is refused, and kill -9 of everything below is mended by the first", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  const started = await home.start();
  const second = await home.run(["start"]);
  expect(second.code).toBe(1);
  expect(sentenceOf(second.stderr)).toBe(
    `Echo already runs in ${home.home}: stop it first, or set ECHO_HOME to another folder.`,
  );
  const client = clientOf(started);
  await client.api.auth.register.mutate(ada);
  const dataDir = started.run.dataDir ?? "";
  const [postmaster = ""] = (await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n");
  for (const pid of [Number(postmaster), ...started.run.processes.map((each) => each.pid)])
    process.kill(pid, "SIGKILL");

  const before = started.run.processes.map(({ pid }) => pid);
  await expect
    .poll(async () => (await readRunFile(home.home))?.processes.some(({ pid }) => before.includes(pid)), {
      timeout: 40_000,
    })
    .toBe(false);
  const again = clientOf(started);
  await expect.poll(() => again.api.auth.login.mutate(ada).then(() => "in", String), { timeout: 40_000 }).toBe("in");
  client.close();
  again.close();
  expect((await started.stop()).code).toBe(0);
});

test("a port in use is named with the variable that moves it", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };

  const { code, stderr } = await home.run(["start"], { REALTIME_PORT: String(port) });

  taken.close();
  expect(code).toBe(1);
  expect(sentenceOf(stderr)).toMatch(new RegExp(`^Port ${port} is in use.*REALTIME_PORT`));
});

test("what was kept and does not fit is refused: secret, PostgreSQL major", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const first = await home.start();
  const client = clientOf(first);
  await client.api.auth.register.mutate(ada);
  client.close();
  await first.stop();

  const other = await home.run(["start"], { ECHO_SECRET: "B".repeat(43) });
  expect(other.code).toBe(1);
  expect(sentenceOf(other.stderr)).toMatch(/secret/i);

  const secretFile = join(home.home, "secret");
  await rename(secretFile, `${secretFile}.lost`);
  const lost = await home.run(["start"]);
  expect(lost.code).toBe(1);
  expect(sentenceOf(lost.stderr)).toContain("secret is missing beside a kept database");
  await rename(`${secretFile}.lost`, secretFile);

  const versionFile = join(first.run.dataDir ?? "", "PG_VERSION");
  const version = await readFile(versionFile, "utf8");
  await writeFile(versionFile, "14\n");
  const major = await home.run(["start"]);
  await writeFile(versionFile, version);
  expect(major.code).toBe(1);
  expect(sentenceOf(major.stderr)).toMatch(/PostgreSQL 14/);
});

test.each([
  ["no URL at all", "what?", "DATABASE_URL"],
  ["a server that is not there", "postgresql://echo:x@127.0.0.1:1/echo", "127.0.0.1:1/echo"],
])("a broken DATABASE_URL is one sentence: %s", { timeout: timeoutMs }, async (_name, url, part) => {
  await using home = await createTestHome();

  const { code, stderr } = await home.run(["start"], { DATABASE_URL: url, ECHO_SECRET: "B".repeat(43) });

  expect(code).toBe(1);
  expect(stderr).toContain(part);
  expect(stderr).not.toContain("    at ");
});

test("every fault of the environment is named at once", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();

  const { code, stderr } = await home.run(["start"], { API_PORT: "http", LOG_LEVEL: "loud", ECHO_LIMITS: "{" });

  expect(code).toBe(1);
  for (const name of ["API_PORT", "LOG_LEVEL", "ECHO_LIMITS"]) expect(stderr).toContain(`${name}: `);
});

test("it runs on a database that is given, and says so", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  await using database = await createTestDatabase({ migrated: false });
  const env = { DATABASE_URL: database.url, ECHO_SECRET: "B".repeat(43), ECHO_HOST: "127.0.0.1" };

  const started = await home.start([], env);

  expect(started.run.databaseUrl).toBeUndefined();
  const client = clientOf(started);
  await client.api.auth.register.mutate(ada);
  client.close();
  const ended = await started.stop();
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain("DATABASE_URL");
});

test("with DATABASE_URL a secret is asked for", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  await using database = await createTestDatabase({ migrated: false });

  const { code, stderr } = await home.run(["start"], { DATABASE_URL: database.url });

  expect(code).toBe(1);
  expect(sentenceOf(stderr)).toMatch(/^ECHO_SECRET is not set/);
});

test("run serves a console that it builds when need be, and no demo", { timeout: 2 * timeoutMs }, async () => {
  await using home = await createTestHome();
  const refused = await home.run(["run", "demo"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("one of api, realtime, worker, admin");

  const port = await freePort("127.0.0.1");
  const { child, ended } = home.spawn(["run", "admin"], { ADMIN_PORT: String(port), ARGON2_MEMORY_KIB: "65536" });
  const page = () => fetch(`http://127.0.0.1:${port}/sign-in`).then(({ status }) => status, String);
  await expect.poll(page, { timeout: timeoutMs, interval: 200 }).toBe(200);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});
