import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import type { Finding } from "../doctor/finding.ts";
import { createTestHome, type TestHome } from "../test-echoctl.ts";

const timeoutMs = 120_000;

interface Diagnosis {
  code: number | null;
  ok: boolean;
  checks: Finding[];
  of(name: string): Finding | undefined;
}

async function diagnose(home: TestHome, env?: Record<string, string>): Promise<Diagnosis> {
  const { code, stdout } = await home.run(["doctor", "--json"], env);
  const { ok, checks } = JSON.parse(stdout) as Pick<Diagnosis, "ok" | "checks">;
  return { code, ok, checks, of: (name) => checks.find((check) => check.name === name) };
}

test("with nothing started it is fine, and looking made nothing", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();

  const { code, ok, checks, of } = await diagnose(home);

  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(of("database")?.detail).toBe(`none yet: the first start makes it in ${home.home}`);
  expect(checks.map(({ name }) => name)).toEqual([
    "configuration",
    "node",
    "processes",
    "origins",
    "console address",
    "console build",
    "e-mail verification",
    "lifetimes",
    "queue",
    "port api",
    "port api internal",
    "port realtime",
    "port realtime internal",
    "port worker",
    "port admin",
    "port demo",
    "data",
    "database",
  ]);
  expect(await readdir(home.home)).toEqual([]);
});

test("beside a running system it knows each process, and finds the one that no longer answers", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  const { run, stop } = await home.start();
  const healthy = await diagnose(home);
  expect({ code: healthy.code, faults: healthy.checks.filter(({ ok }) => !ok) }).toEqual({ code: 0, faults: [] });
  const [api, realtime] = run.processes;
  expect(healthy.of("port api")?.detail).toBe(`${api?.port}: ours, node (pid ${api?.pid})`);
  expect(healthy.of("data")?.detail).toMatch(/^database .*, WAL .*, logs .*, .* free$/);
  const names = ["postgresql", "connections", "migrations", "staff", "clock", "secret", "signing keys", "bus"];
  for (const name of names) expect(healthy.of(name)).toMatchObject({ ok: true, level: "fine" });

  process.kill(realtime?.pid ?? 0, "SIGSTOP");
  const { code, stdout, stderr } = await home.run(["doctor"]);
  process.kill(realtime?.pid ?? 0, "SIGCONT");

  expect(code).toBe(1);
  expect(stderr.trim().split("\n").at(-1)).toMatch(/^\d+ checks: 3 faults, 0 warnings\.$/);
  const faults = stdout.split("\n").filter((line) => line.startsWith("✗"));
  expect(faults).toEqual([
    expect.stringMatching(/^✗ fault +processes +realtime on 127\.0\.0\.1:\d+ is not ready → tail /),
    expect.stringMatching(/^✗ fault +port realtime +\d+: no answer within 3 s, though pid \d+ lives → tail /),
    expect.stringMatching(/^✗ fault +port realtime internal +\d+: no answer within 3 s/),
  ]);
  expect((await stop()).code).toBe(0);
});

test("it never moves the database of a running system to another port", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const running = home.spawn(["run", "api"]);
  let log = "";
  running.child.stdout?.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  await expect.poll(() => log, { timeout: 60_000 }).toContain('"message":"ready"');
  const before = await diagnose(home);

  const after = await diagnose(home, {
    POSTGRES_PORT: String(Number(/:(\d+)/.exec(before.of("database")?.detail ?? "")?.[1]) + 1),
  });

  expect(after.of("database")).toEqual(before.of("database"));
  running.child.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
});

test("on real infrastructure it asks for origins, https and staff, and is fine once they are there", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  await using database = await createTestDatabase({ migrated: false });
  const bare = { DATABASE_URL: database.url, ECHO_SECRET: "B".repeat(43), ECHO_HOST: "127.0.0.1" };
  const faults = async (env: Record<string, string>) => {
    const { checks } = await diagnose(home, env);
    // Its build may be made, or changed, beside this test.
    return checks.filter(({ name, ok }) => !ok && name !== "console build").map(({ name }) => name);
  };
  expect(await faults(bare)).toEqual(["origins", "console address", "migrations"]);

  const env = { ...bare, ECHO_ORIGINS: "https://app.example.com", ECHO_CONSOLE_URL: "https://console.example.com" };
  expect((await home.run(["migrate"], env)).code).toBe(0);
  expect(await faults(env)).toEqual(["staff"]);
  const bootstrap = ["staff", "bootstrap", "--email", "grace@example.test", "--name", "Grace", "--password-stdin"];
  expect((await home.run(bootstrap, env, "a pass phrase of the staff\n")).code).toBe(0);

  expect(await faults(env)).toEqual([]);
});

test("a database that does not answer is one fault, in bounded time", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => void sockets.add(socket));
  await once(mute.listen(0, "127.0.0.1"), "listening");
  const { port } = mute.address() as AddressInfo;
  const given = {
    ECHO_SECRET: "B".repeat(43),
    ECHO_ORIGINS: "https://a.example",
    ECHO_CONSOLE_URL: "https://b.example",
  };

  const started = Date.now();
  const [silent, refused] = await Promise.all(
    [port, 1].map((each) => diagnose(home, { ...given, DATABASE_URL: `postgresql://echo:x@127.0.0.1:${each}/echo` })),
  );
  expect(Date.now() - started).toBeLessThan(60_000);
  for (const socket of sockets) socket.destroy();
  mute.close();

  for (const diagnosis of [silent, refused]) {
    expect(diagnosis).toMatchObject({ code: 1, ok: false });
    expect(diagnosis?.of("database")).toMatchObject({ level: "fault", mend: expect.stringMatching(/DATABASE_URL=/) });
    expect(diagnosis?.of("database")?.detail).not.toContain("echo:x@");
    expect(diagnosis?.of("migrations")).toBeUndefined();
  }
});

test("a configuration that cannot be read is one finding with every fault", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();

  const { code, ok, checks } = await diagnose(home, { API_PORT: "http", ECHO_LIFETIMES: '{"accessMs":1e12}' });

  expect({ code, ok, names: checks.map(({ name }) => name) }).toEqual({ code: 1, ok: false, names: ["configuration"] });
  for (const name of ["API_PORT", "ECHO_LIFETIMES"]) expect(checks[0]?.detail).toContain(`${name}`);
  expect(checks[0]?.mend).toBeDefined();
});
