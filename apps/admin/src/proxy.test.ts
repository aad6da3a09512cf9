import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildWithinMs, startReceiver, startTestConsole, type TestConsole } from "./server/test-console.ts";
import { ask } from "./server/test-request.ts";

let receiver: Awaited<ReturnType<typeof startReceiver>>;
let running: TestConsole;

beforeAll(async () => {
  receiver = await startReceiver();
  running = await startTestConsole({ ECHO_API_URL: receiver.url });
}, buildWithinMs);

afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const signedIn = { cookie: "echo_console=anything" };
const nonceIn = (policy: unknown): string => /'nonce-([^']+)'/.exec(String(policy))?.[1] ?? "";

describe("the policy of a page", () => {
  const paths = ["/", "/sign-in", "/nowhere"];

  test.each(paths)("%s runs scripts of its own nonce alone, and every script has it", async (path) => {
    const { headers, body } = await ask(running.port, path, { headers: signedIn });

    const nonce = nonceIn(headers["content-security-policy"]);
    const scripts = body.match(/<script\b[^>]*>/g) ?? [];
    expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(scripts.length).toBeGreaterThan(3);
    expect(scripts.filter((script) => !script.includes(`nonce="${nonce}"`))).toEqual([]);
  });

  test.each(paths)(
    "%s holds nothing that its policy would refuse: no style attribute, no foreign address",
    async (path) => {
      const { body } = await ask(running.port, path, { headers: signedIn });

      expect(body.match(/<[a-z][^>]*\sstyle=/g)).toBeNull();
      expect(body.match(/<[a-z][^>]*\s(?:src|href)="(?!\/)[^"#]/g)).toBeNull();
    },
  );

  test("names each thing that is allowed, and nothing else", async () => {
    const { headers } = await ask(running.port, "/", { headers: signedIn });

    const policy = String(headers["content-security-policy"]);
    const directives = Object.fromEntries(policy.split("; ").map((each) => each.split(/ (.*)/)));
    expect(directives).toEqual({
      "default-src": "'none'",
      "script-src": `'nonce-${nonceIn(policy)}' 'strict-dynamic'`,
      "style-src": expect.stringContaining(`'self' 'nonce-${nonceIn(policy)}' 'sha256-`),
      "font-src": "'self'",
      "img-src": "'self'",
      "connect-src": "'self'",
      "form-action": "'self'",
      "object-src": "'none'",
      "base-uri": "'none'",
      "frame-ancestors": "'none'",
    });
  });

  test("has a nonce that nobody can know before", async () => {
    const asked = await Promise.all([1, 2, 3].map(() => ask(running.port, "/", { headers: signedIn })));

    expect(new Set(asked.map(({ headers }) => nonceIn(headers["content-security-policy"]))).size).toBe(3);
  });

  test("allows the styles of the sonner that is installed", async () => {
    const source = await readFile(
      fileURLToPath(import.meta.resolve("sonner")).replace(/index\.\w+$/, "index.mjs"),
      "utf8",
    );
    const styles = JSON.parse(/__insertCSS\(("(?:[^"\\]|\\.)*")\)/.exec(source)?.[1] ?? '""');
    const { headers } = await ask(running.port, "/", { headers: signedIn });

    const hash = createHash("sha256").update(styles).digest("base64");
    expect(headers["content-security-policy"]).toContain(`'sha256-${hash}'`);
  });
});

test("pages are kept by nobody, files of the build for ever", async () => {
  const page = await ask(running.port, "/", { headers: signedIn });
  const file = /href="(\/_next\/static\/[^"]+\.css)"/.exec(page.body)?.[1] ?? "";
  const css = await ask(running.port, file);

  expect(page.headers["cache-control"]).toBe("no-store");
  expect(css.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(css.headers["x-content-type-options"]).toBe("nosniff");
});

test("an unknown address is 404", async () => {
  expect((await ask(running.port, "/nowhere", { headers: signedIn })).status).toBe(404);
});

describe("who has no cookie is sent to sign in, and comes back to where he wanted to go", () => {
  test.each([
    ["/", "/sign-in"],
    ["/users?q=ada", "/sign-in?next=%2Fusers%3Fq%3Dada"],
    ["/?range=day", "/sign-in?next=%2F%3Frange%3Dday"],
    ["//evil.example", "/evil.example"],
  ])("%s", async (path, location) => {
    const answer = await ask(running.port, path);

    expect([307, 308]).toContain(answer.status);
    expect(answer.headers.location).toBe(location);
  });
});

describe("calls", () => {
  test("reach the API that was named when the console started, as they were made", async () => {
    const before = receiver.arrived.length;
    const headers = {
      ...signedIn,
      "content-type": "application/json",
      "x-echo-console": "1",
      origin: "http://127.0.0.1",
    };

    await ask(running.port, "/trpc/admin.signIn.link", { method: "POST", headers, body: '{"token":"t"}' });
    await ask(running.port, "/trpc/admin.me,admin.overview?batch=1&input=%7B%7D");

    const [post, get] = receiver.arrived.slice(before);
    expect(post).toMatchObject({ method: "POST", url: "/trpc/admin.signIn.link", body: '{"token":"t"}', headers });
    expect(get).toMatchObject({ method: "GET", url: "/trpc/admin.me,admin.overview?batch=1&input=%7B%7D" });
  });

  test("another console on the same build reaches another API", async () => {
    await using other = await startReceiver();
    await using second = await startTestConsole({ ECHO_API_URL: other.url });

    await ask(second.port, "/trpc/admin.me");

    expect(other.arrived).toHaveLength(1);
  });

  test.each([
    "/trpc",
    "/trpc/users.me",
    "/trpc/auth.login",
    "/trpc/admin",
    "/trpc/administrator.me",
    "/trpc/admin.me,auth.login?batch=1",
    "/trpc/admin.me%2Cauth.login?batch=1",
    "/trpc/admin.me%252Cauth.login?batch=1",
    "/trpc/admin.me/../auth.login",
    "/trpc/admin.me%2F..%2Fauth.login",
    "/trpc/admin.%",
  ])("%s is not the console's, and does not reach the API", async (path) => {
    const before = receiver.arrived.length;

    const answer = await ask(running.port, path);

    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(receiver.arrived).toHaveLength(before);
  });

  test("a refused one is told so in tRPC's shape", async () => {
    const answer = await ask(running.port, "/trpc/users.me");

    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body).error).toMatchObject({ code: -32_004, data: { code: "NOT_FOUND" } });
  });

  test("the answer does not tell where the API is", async () => {
    const answer = await ask(running.port, "/trpc/admin.me");

    expect(JSON.stringify(answer.headers)).not.toContain(receiver.url);
  });
});
