import { type Core, createCore, stopCore } from "@echo/core";
import { createLogger } from "@echo/platform";
import { createTestDatabase, type Echo, startEcho, testConfigOf, testLimits } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { startApi } from "../start-api.ts";
import { pipelineOrder } from "./index.ts";

/** docs/from-the-design.md, "middleware". */
const design = [
  "request id",
  "correlation id",
  "received log",
  "recovery",
  "security headers",
  "CORS",
  "IP limit",
  "console guard",
  "body limit and timeout",
  "auth",
  "user limit",
  "procedure",
  "cache control",
  "version",
  "compression",
  "completed log",
];

test("a request meets the steps in the order of the design", () => {
  expect(pipelineOrder).toEqual(design);
});

describe("of two steps that would both refuse, the earlier one does", () => {
  const windowMs = 86_400_000;
  const anonymous = { name: "anonymous" as const, kind: "fixed" as const, limit: 1, windowMs };
  const user = { name: "user" as const, kind: "bucket" as const, burst: 1, perSecond: 0.001 };
  const limited = () => startEcho({ config: { core: { limits: { ...testLimits, anonymous, user } } } });
  const large = JSON.stringify("x".repeat(300_000));
  const post = (echo: Echo, { headers = {}, body = "{}" }: { headers?: Record<string, string>; body?: string }) =>
    fetch(`${echo.apiUrl}/trpc/messages.send`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  const bearer = async (echo: Echo) => ({ authorization: `Bearer ${(await echo.user("ada")).accessToken}` });

  test("IP limit, then body limit", async () => {
    await using echo = await limited();

    expect((await post(echo, { body: large })).status).toBe(413);
    expect((await post(echo, { body: large })).status).toBe(429);
  });

  test("body limit, then auth", async () => {
    await using echo = await startEcho();

    expect((await post(echo, { body: large, headers: { authorization: "Bearer no.token" } })).status).toBe(413);
    expect((await post(echo, { headers: { authorization: "Bearer no.token" } })).status).toBe(401);
  });

  test("body limit, then user limit: what is refused unread costs nothing", async () => {
    await using echo = await limited();
    const headers = await bearer(echo);

    expect((await post(echo, { body: large, headers })).status).toBe(413);
    expect((await post(echo, { headers })).status).toBe(400);
  });

  test("user limit, then procedure", async () => {
    await using echo = await limited();
    const headers = await bearer(echo);

    expect((await post(echo, { headers })).status).toBe(400);
    expect((await post(echo, { headers })).status).toBe(429);
  });

  test("CORS and security headers stand on every later refusal", async () => {
    await using echo = await limited();
    const page = { origin: "http://localhost:5173" };

    for (const refused of [await post(echo, { headers: page }), await post(echo, { headers: page })]) {
      expect(refused.headers.get("access-control-allow-origin")).toBe(page.origin);
      expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });
});

/** An API whose log the test reads. */
async function withLog(work: (echo: { core: Core; url: string; lines: Record<string, unknown>[] }) => Promise<void>) {
  await using database = await createTestDatabase();
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const config = testConfigOf(database.url);
  const core = await createCore(config.core, { logger: createLogger({ service: "api", level: "debug", destination }) });
  const api = await startApi({ core, config: config.api });
  try {
    await work({ core, url: api.url, lines });
  } finally {
    await api.close();
    await stopCore(core);
  }
}

test("each request has a line when it came and one when it was answered, with its ids, and no word of its content", async () => {
  await withLog(async ({ url, lines }) => {
    const canary = "canary-5f1e0c";
    const headers = { "content-type": "application/json", "x-request-id": "r-1", "x-correlation-id": "c-1" };
    const body = JSON.stringify({
      email: `${canary}@example.org`,
      password: `${canary} and more words`,
      displayName: canary,
    });

    const answer = await fetch(`${url}/trpc/auth.register?${canary}`, { method: "POST", headers, body });
    const { result } = (await answer.json()) as { result: { data: { accessToken: string; user: { userId: string } } } };
    const { accessToken, user } = result.data;
    await fetch(`${url}/trpc/auth.me`, { headers: { authorization: `Bearer ${accessToken}` } });

    await expect.poll(() => lines.filter(({ message }) => message === "request completed")).toHaveLength(2);
    const ofFirst = lines.filter((line) => line.request_id === "r-1" && String(line.message).startsWith("request "));
    const facts = { service: "api", correlation_id: "c-1", method: "POST", path: "/trpc/auth.register" };
    expect(ofFirst).toMatchObject([
      { level: "debug", message: "request received", ...facts },
      { level: "info", message: "request completed", status: 200, duration_ms: expect.any(Number), ...facts },
    ]);
    expect(lines.at(-1)).toMatchObject({ message: "request completed", user_id: user.userId });
    expect(JSON.stringify(lines)).not.toContain(canary);
    expect(JSON.stringify(lines)).not.toContain(accessToken);
  });
});

test("what nobody foresaw is logged with its cause and the caller's request id, and answered without", async () => {
  await withLog(async ({ core, url, lines }) => {
    await core.db.prisma.$executeRawUnsafe("ALTER TABLE auth.users RENAME TO gone");
    const headers = { "content-type": "application/json", "x-request-id": "r-2" };
    const body = JSON.stringify({ email: "ada@example.org", password: "correct horse battery" });

    const answer = await fetch(`${url}/trpc/auth.login`, { method: "POST", headers, body });

    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("auth.users");
    const failed = lines.find(({ level }) => level === "error");
    expect(failed).toMatchObject({ message: "procedure failed", procedure: "auth.login", request_id: "r-2" });
    expect(JSON.stringify(failed)).toContain("auth.users");
  });
});
