import { existsSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createEcho } from "@echo/client";
import { createDb, startEmbedded } from "@echo/db";
import { expect, test } from "vitest";
import { createTestHome, type Started } from "../test-echoctl.ts";

const timeoutMs = 180_000;
const ada = { email: "ada@example.org", password: "a long enough pass phrase" };

const clientOf = ({ run }: Started) =>
  createEcho({ apiUrl: `http://127.0.0.1:${run.ports.api}`, realtimeUrl: `ws://127.0.0.1:${run.ports.realtime}` });

test("a backup brings the people back after a reset, in a new epoch", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const archive = join(home.home, "..", `${Date.now()}-echo.tar.gz`);
  const first = await home.start();
  const before = clientOf(first);
  await before.api.auth.register.mutate(ada);
  const { cursor: oldCursor } = await before.api.conversations.sync.query({});
  before.close();

  const tooEarly = await home.run(["backup", archive]);
  expect([tooEarly.code, tooEarly.stderr.trim()]).toEqual([1, `Echo runs in ${home.home}: stop it first.`]);
  await first.stop();

  expect(await home.run(["backup", archive])).toMatchObject({ code: 0 });
  expect((await stat(archive)).mode & 0o077).toBe(0);
  expect((await home.run(["backup", archive])).code).toBe(1);
  expect((await home.run(["restore", archive])).stderr).toMatch(/has a database already/);
  expect(await home.run(["reset"])).toMatchObject({ code: 0 });
  expect(existsSync(home.home)).toBe(false);
  expect(await home.run(["restore", archive])).toMatchObject({ code: 0 });

  const second = await home.start();
  const after = clientOf(second);
  await after.api.auth.login.mutate(ada);
  await expect(after.api.conversations.sync.query({ cursor: oldCursor })).resolves.toMatchObject({ reset: true });
  after.close();
  expect((await second.stop()).code).toBe(0);
  const doctor = await home.run(["doctor", "--json"]);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ ok: true });
  await rm(archive);
});

test("what cannot be done is one sentence and exit 1", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const given = { DATABASE_URL: "postgresql://echo:x@127.0.0.1:1/echo", ECHO_SECRET: "B".repeat(43) };

  const answers = await Promise.all([
    home.run(["backup", "nowhere.tar.gz"], given),
    home.run(["replay", "no-such-file.txt"]),
    home.run(["replay", "package.json", "--nodes", "none"]),
    home.run(["run", "kitchen"]),
    home.run(["dance"]),
  ]);

  expect(answers.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
  for (const { stderr } of answers) expect(stderr).not.toContain("    at ");
  expect(answers[0]?.stderr).toMatch(/embedded mode/);
  expect(answers[1]?.stderr).toBe("There is no file no-such-file.txt.\n");
  expect(answers[2]?.stderr).toMatch(/a whole number from 1 to 16/);
  expect(answers[3]?.stderr).toMatch(/one of api, realtime/);
});

test("run keeps one process of each kind in the foreground until it is asked to end", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  const running = home.spawn(["run", "api", "realtime", "worker"]);
  let log = "";
  running.child.stdout?.on("data", (chunk: Buffer) => {
    log += chunk;
  });

  await expect.poll(() => log.match(/"message":"ready"/g)?.length, { timeout: 60_000 }).toBe(3);
  running.child.kill("SIGTERM");

  expect((await running.ended).code).toBe(0);
});

test("a run that cannot begin leaves no database behind", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  expect((await home.run(["migrate"])).code).toBe(0);
  const embedded = await startEmbedded({ home: home.home });
  const db = createDb({ url: embedded.url, poolMax: 1 });
  await db.prisma
    .$executeRaw`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('later', '', '9999_later', now())`;
  await db.close();
  await embedded.stop();

  const { code, stderr } = await home.run(["run", "api"]);

  expect(code).toBe(1);
  expect(stderr).toMatch(/9999_later, which this Echo does not know/);
  expect(existsSync(join(embedded.dataDir, "postmaster.pid"))).toBe(false);
});
