import { sendRaw, startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";

const hasty = { config: { api: { timeouts: { headersMs: 300, requestMs: 600 } } } };

/** An answer as it came over the wire, taken apart. */
function parse(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head: head.toLowerCase(), body };
}

function expectRefusal(answer: string, status: number, code: string): void {
  const { head, body, ...refusal } = parse(answer);
  expect(refusal.status).toBe(status);
  const { error } = JSON.parse(body) as { error: { message: string; data: { requestId: string } } };
  expect(error).toEqual({
    message: expect.stringMatching(/^[A-Z].+/),
    data: { code, message: error.message, requestId: expect.any(String) },
    ...(status === 421 ? { code: expect.any(Number) } : {}),
  });
  expect(head).toContain(`x-request-id: ${error.data.requestId}`);
  for (const line of ["x-content-type-options: nosniff", "x-frame-options: deny", "cache-control: no-store"]) {
    expect(head).toContain(line);
  }
  expect(head).not.toContain("\r\nserver:");
}

const request = (...lines: string[]) => `${lines.join("\r\n")}\r\n\r\n`;

describe("what is no request", () => {
  test.each([
    ["garbage", "\x16\x03\x01\x02\x00\x01\x00\x01"],
    ["a line", "hello\r\n\r\n"],
    ["a version that is none", "GET /health HTTP/9.9\r\nhost: localhost\r\n\r\n"],
    ["two lengths", request("POST /trpc/a HTTP/1.1", "host: localhost", "content-length: 1", "content-length: 2")],
    [
      "a length and chunks",
      request("POST /trpc/a HTTP/1.1", "host: localhost", "content-length: 1", "transfer-encoding: chunked"),
    ],
    ["a header with a space", request("GET /health HTTP/1.1", "host: localhost", "x y: 1")],
    ["a NUL in a header", request("GET /health HTTP/1.1", "host: localhost", "x: a\0b")],
  ])("%s is BAD_REQUEST, and the connection ends", async (_what, text) => {
    await using echo = await startEcho();

    expectRefusal(await sendRaw(echo.apiUrl, text), 400, "BAD_REQUEST");
  });

  test("headers over 16 KiB are PAYLOAD_TOO_LARGE", async () => {
    await using echo = await startEcho();
    const text = request("GET /health HTTP/1.1", "host: localhost", `x-long: ${"x".repeat(17_000)}`);

    expectRefusal(await sendRaw(echo.apiUrl, text), 413, "PAYLOAD_TOO_LARGE");
  });
});

describe("what does not arrive in time", () => {
  test("headers that drip are TIMEOUT", async () => {
    await using echo = await startEcho(hasty);

    const answer = await sendRaw(echo.apiUrl, "GET /health HTTP/1.1\r\nhost: localhost\r\n");

    expectRefusal(answer, 408, "TIMEOUT");
  });

  test("a body that drips is TIMEOUT, once", async () => {
    await using echo = await startEcho(hasty);
    const head = request(
      "POST /trpc/auth.login HTTP/1.1",
      "host: localhost",
      "content-type: application/json",
      "content-length: 100",
    );

    const answer = await sendRaw(echo.apiUrl, head, "{");

    expectRefusal(answer, 408, "TIMEOUT");
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe("the Host header", () => {
  const ask = (url: string, host: string) =>
    sendRaw(url, request("GET /trpc/auth.me HTTP/1.1", `host: ${host}`, "connection: close"));

  test.each(["localhost", "localhost:8080", "127.0.0.1", "[::1]:1", "LOCALHOST"])("%s is answered", async (host) => {
    await using echo = await startEcho();

    expect(parse(await ask(echo.apiUrl, host)).status).toBe(401);
  });

  test.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost@evil.example"])(
    "%s is 421 on loopback: a name that suddenly points here (DNS rebinding)",
    async (host) => {
      await using echo = await startEcho();

      expectRefusal(await ask(echo.apiUrl, host), 421, "BAD_REQUEST");
    },
  );

  test("a request without one is BAD_REQUEST", async () => {
    await using echo = await startEcho();

    expectRefusal(await sendRaw(echo.apiUrl, request("GET /health HTTP/1.1", "connection: close")), 400, "BAD_REQUEST");
  });

  test("the host of a listed origin is answered on loopback, and any host on an open port", async () => {
    await using listed = await startEcho({ config: { api: { origins: ["https://chat.example"] } } });
    await using open = await startEcho({ config: { api: { host: "0.0.0.0" } } });

    expect(parse(await ask(listed.apiUrl, "chat.example")).status).toBe(401);
    expect(parse(await ask(open.apiUrl, "chat.example")).status).toBe(401);
  });

  test("the internal port knows loopback names alone, wherever it is bound, and sends no CORS", async () => {
    await using echo = await startEcho({ config: { api: { host: "0.0.0.0", internalHost: "0.0.0.0" } } });
    const internalUrl = echo.nodes[0]?.api.internalUrl ?? "";
    const get = (...lines: string[]) =>
      sendRaw(internalUrl, request("GET /ready HTTP/1.1", ...lines, "connection: close"));

    expect(parse(await get("host: evil.example")).status).toBe(421);
    const answer = parse(await get("host: localhost", "origin: http://localhost:5173"));
    expect(answer.status).toBe(200);
    expect(answer.head).not.toContain("access-control");
  });
});

test("two requests on one connection are answered in order", async () => {
  await using echo = await startEcho();
  const first = request("GET /health HTTP/1.1", "host: localhost", "x-request-id: first");
  const second = request("GET /nope HTTP/1.1", "host: localhost", "x-request-id: second", "connection: close");

  const answer = await sendRaw(echo.apiUrl, first + second);

  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 404"]);
  expect(answer.indexOf("first")).toBeLessThan(answer.indexOf("second"));
});

test("after a body that was refused the connection serves the next request", async () => {
  await using echo = await startEcho();
  const head = request(
    "POST /trpc/messages.typing HTTP/1.1",
    "host: localhost",
    "content-type: application/json",
    "transfer-encoding: chunked",
  );
  const chunk = `${(300_000).toString(16)}\r\n${" ".repeat(300_000)}\r\n0\r\n\r\n`;
  const next = request("GET /health HTTP/1.1", "host: localhost", "connection: close");

  const answer = await sendRaw(echo.apiUrl, head, chunk, next);

  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
});

test("X-User-ID and its kind name nobody", async () => {
  await using echo = await startEcho();
  const { userId } = await echo.user("ada");

  const answer = await fetch(`${echo.apiUrl}/trpc/users.profile.me`, {
    headers: { "x-user-id": userId, "x-device-id": "1", cookie: `userId=${userId}` },
  });

  expect(answer.status).toBe(401);
});
