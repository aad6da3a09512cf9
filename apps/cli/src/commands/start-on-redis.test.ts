import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEcho } from "@echo/client";
import { createTestCertificate } from "@echo/testing/certificate";
import { describeWithRedisServer, startTestRedis } from "@echo/testing/redis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freePort } from "../stack/free-port.ts";
import { createTestHome, type Started } from "../test-echoctl.ts";

const timeoutMs = 120_000;
const patience = { timeout: 20_000, interval: 50 };
const password = "a password of Redis";

interface Readiness {
  status: string;
  checks: Record<string, { status: string; error?: string }>;
}

function readinessOf({ run }: Started): Promise<Readiness[]> {
  return Promise.all(
    run.processes
      .filter(({ internalPort }) => internalPort > 0)
      .map(async ({ internalPort }) => {
        const answer = await fetch(`http://127.0.0.1:${internalPort}/ready`);
        return (await answer.json()) as Readiness;
      }),
  );
}

/** Somebody whose calls and socket go to one node. */
async function personOn({ run }: Started, node: number) {
  const urlsOf = (kind: string) => run.processes.filter((each) => each.kind === kind).map(({ port }) => port);
  const echo = createEcho({
    apiUrl: `http://127.0.0.1:${urlsOf("api")[node]}`,
    realtimeUrl: `ws://127.0.0.1:${urlsOf("realtime")[node]}`,
  });
  const email = `${crypto.randomUUID()}@example.org`;
  const auth = await echo.api.auth.register.mutate({ email, password: "a long enough pass phrase" });
  if (!("user" in auth)) throw new Error("signed in at once");
  await echo.connect();
  return { echo, userId: auth.user.userId };
}

describeWithRedisServer("echoctl start with REDIS_URL", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "echo-tls-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function startTlsRedis() {
    const { certFile, keyFile } = await createTestCertificate(folder);
    const port = await freePort("127.0.0.1");
    const tls = ["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certFile];
    const args = ["--port", "0", "--tls-port", String(port), "--tls-auth-clients", "no", ...tls];
    const server = await startTestRedis({ port, args: [...args, "--requirepass", password] });
    const url = (secret: string) => `rediss://:${encodeURIComponent(secret)}@127.0.0.1:${port}`;
    return { server, certFile, url };
  }

  test("two nodes of each meet over TLS, and go on while Redis is frozen", { timeout: timeoutMs }, async () => {
    const { server, certFile, url } = await startTlsRedis();
    await using _server = server;
    await using home = await createTestHome();
    const env = { REDIS_URL: url(password), NODE_EXTRA_CA_CERTS: certFile };
    const started = await home.start(["--nodes", "2"], env);
    const [ada, bob] = [await personOn(started, 0), await personOn(started, 1)];
    const heard: string[] = [];
    bob.echo.on("message.created", ({ data }) => {
      if (data.content !== null && "text" in data.content) heard.push(String(data.content.text));
    });
    const { id: conversationId } = await ada.echo.api.conversations.create.mutate({
      type: "direct",
      memberIds: [bob.userId],
    });
    const say = (text: string) => ada.echo.send({ conversationId, type: "text", content: { text } });

    expect((await readinessOf(started)).map(({ status }) => status)).toEqual(Array(6).fill("healthy"));
    const { stdout } = await home.run(["doctor", "--json"], env);
    const found = (name: string) => JSON.parse(stdout).checks.find((check: { name: string }) => check.name === name);
    expect(found("drivers")).toMatchObject({ ok: true, detail: expect.stringContaining("Redis at 127.0.0.1") });
    for (const name of ["cache", "bus", "limits"]) expect(found(name).detail).toMatch(/^redis, answers in/);
    expect(stdout).not.toContain(encodeURIComponent(password));

    await say("over Redis");
    await vi.waitFor(() => expect(heard).toEqual(["over Redis"]), patience);

    server.signal("SIGSTOP");
    try {
      const startedMs = performance.now();
      await say("without Redis");
      await vi.waitFor(() => expect(heard).toEqual(["over Redis", "without Redis"]), patience);
      expect(performance.now() - startedMs).toBeLessThan(2_000);
      await vi.waitFor(async () => {
        for (const ready of await readinessOf(started)) {
          expect(ready).toMatchObject({ status: "degraded", checks: { database: { status: "up" } } });
          expect(ready.checks.cache?.error).toContain("Redis");
          expect(ready.checks.bus?.error).toContain("redis");
        }
      }, patience);
    } finally {
      server.signal("SIGCONT");
    }
    await vi.waitFor(async () => {
      expect((await readinessOf(started)).map(({ status }) => status)).toEqual(Array(6).fill("healthy"));
    }, patience);
    await say("again");
    await vi.waitFor(() => expect(heard).toEqual(["over Redis", "without Redis", "again"]), patience);
    for (const { echo } of [ada, bob]) echo.close();
    expect((await started.stop()).code).toBe(0);
  });

  test("what no waiting mends is one sentence and exit 1", { timeout: timeoutMs }, async () => {
    const { server, certFile, url } = await startTlsRedis();
    await using _server = server;
    await using home = await createTestHome();
    const faults: Record<string, string>[] = [
      { REDIS_URL: url("another password"), NODE_EXTRA_CA_CERTS: certFile },
      { REDIS_URL: url(password) },
      { REDIS_URL: "redis://127.0.0.1:6379/none" },
    ];

    await home.run(["migrate"]);
    const sentences: string[] = [];
    for (const env of faults) {
      const { code, stdout, stderr } = await home.run(["run", "api"], env);
      expect(code).toBe(1);
      expect(stderr).not.toContain("    at ");
      sentences.push(stdout + stderr);
    }

    expect(sentences[0]).toContain("Redis refuses this user and password");
    expect(sentences[0]).not.toContain("another");
    expect(sentences[1]).toContain("NODE_EXTRA_CA_CERTS");
    expect(sentences[2]).toContain("REDIS_URL: must be a URL");
  });
});
