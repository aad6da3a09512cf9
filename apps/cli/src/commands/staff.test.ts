import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createTestHome, type TestHome } from "../test-echoctl.ts";

const timeoutMs = 120_000;
const grace = ["staff", "bootstrap", "--email", "grace@example.test", "--name", "Grace", "--password-stdin"];
const password = "a pass phrase of the staff\n";
const secret = "B".repeat(43);
const link = /^http:\/\/127\.0\.0\.1:4321\/sign-in#token=[A-Za-z0-9_-]{43}\n$/;
const anyHead = /^\d+ rows, head (\d+:[0-9a-f]{64})\n$/;

/** The one line that a person reads when nothing else went wrong. */
const sentenceOf = (stderr: string): string => stderr.trim().split("\n").at(-1) ?? "";

async function logsOf({ home }: TestHome): Promise<string> {
  const folder = join(home, "logs");
  const names = await readdir(folder);
  return (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("\n");
}

test("link prints the link alone, once beside nothing and once beside a running system, and no log has it", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  const env = { ADMIN_PORT: "4321" };
  const alone = await home.run(["staff", "link"], env);
  expect(alone).toMatchObject({ code: 0, stdout: expect.stringMatching(link) });

  const started = await home.start(["--no-console"], env);
  const beside = await home.run(["staff", "link"], env);
  expect(beside).toMatchObject({ code: 0, stdout: expect.stringMatching(link), stderr: "" });
  expect(beside.stdout).not.toBe(alone.stdout);
  const elsewhere = await home.run(["staff", "link"], { ...env, ECHO_CONSOLE_URL: "http://localhost:5000" });
  expect(elsewhere.stdout).toMatch(/^http:\/\/localhost:5000\/sign-in#token=/);
  const verified = await home.run(["audit", "verify"]);
  expect(verified.stdout).toMatch(anyHead);
  await started.stop();

  const logs = await logsOf(home);
  for (const { stdout } of [alone, beside, elsewhere]) expect(logs).not.toContain(stdout.trim().split("=").at(-1));
  expect(logs).toContain(anyHead.exec(verified.stdout)?.[1]);
});

test("links are refused where others can reach the console, and where the database is the operator's", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  const given = { DATABASE_URL: "postgresql://echo@127.0.0.1:1/echo", ECHO_SECRET: secret };

  for (const env of [{ ECHO_HOST: "0.0.0.0" }, { ...given, ECHO_HOST: "127.0.0.1" }]) {
    const { code, stdout, stderr } = await home.run(["staff", "link"], env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(sentenceOf(stderr)).toMatch(/^Sign-in links are for the embedded database.*staff bootstrap/);
  }
  const unknown = await home.run(["staff", "link"], { ADMIN_PORT: "0" });
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(sentenceOf(unknown.stderr)).toMatch(/start Echo first/);
});

test("bootstrap makes the first admin of a given database, once, and list shows who is there", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  await using database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, ECHO_SECRET: secret };
  const run = (args: string[]) => home.run(args, env);
  expect((await run(["staff", "list"])).stdout).toBe("There is no staff yet.\n");

  const made = await home.run(grace, env, password);
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/^otpauth {2}otpauth:\/\/totp\/\S+secret=([A-Z2-7]{32})\S+\nsecret {3}\1\n$/);
  expect(made.stderr).toContain("ECHO_CONSOLE_URL");
  expect(made.stderr).not.toContain(password.trim());
  const again = await home.run(grace, env, password);
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(sentenceOf(again.stderr)).toMatch(/^There is staff already/);

  const { items } = JSON.parse((await run(["staff", "list", "--json"])).stdout);
  expect(items).toMatchObject([{ name: "Grace", email: "grace@example.test", role: "admin", isLocal: false }]);
  expect((await run(["staff", "list"])).stdout).toContain("grace@example.test");
});

test("bootstrap without a terminal, or with what cannot be, is one sentence", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  const [asked, short] = await Promise.all([home.run(grace.slice(0, -1)), home.run(grace, {}, "fourteen chars\n")]);

  expect(asked.code).toBe(1);
  expect(sentenceOf(asked.stderr)).toMatch(/--password-stdin/);
  expect(short.code).toBe(1);
  expect(sentenceOf(short.stderr)).toMatch(/at least 15 characters/);
});

test("verify tells the head, what an expected one misses, and the first bad row", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  await using database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, ECHO_SECRET: secret };
  const verify = (...args: string[]) => home.run(["audit", "verify", ...args], env);
  await home.run(grace, env, password);

  const first = await verify();
  const head = anyHead.exec(first.stdout)?.[1] ?? "";
  expect(first).toMatchObject({ code: 0, stdout: `1 rows, head ${head}\n` });
  const same = await verify("--expect", head, "--json");
  expect({ ...same, stdout: JSON.parse(same.stdout) }).toMatchObject({ code: 0, stdout: { ok: true, count: 1, head } });
  const other = await verify("--expect", `1:${"0".repeat(64)}`);
  expect(other).toMatchObject({ code: 1, stdout: expect.stringMatching(/^first bad seq 1: /) });
  expect(sentenceOf((await verify("--expect", "1")).stderr)).toMatch(/COUNT:HMAC/);

  for (const sql of [
    "ALTER TABLE auth.audit_log DISABLE TRIGGER append_only",
    "UPDATE auth.audit_log SET reason = 'none'",
  ])
    await database.db.prisma.$executeRawUnsafe(sql);
  const changed = await verify("--json");
  expect(changed.code).toBe(1);
  expect(JSON.parse(changed.stdout)).toMatchObject({ ok: false, seq: 1 });
  const strange = await home.run(["audit", "verify"], { ...env, ECHO_SECRET: "C".repeat(43) });
  expect(strange).toMatchObject({ code: 1, stdout: "" });
  expect(sentenceOf(strange.stderr)).toMatch(/ECHO_SECRET/);
});
