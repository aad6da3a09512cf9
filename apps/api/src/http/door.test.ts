import { type Echo, startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";

const json = { "content-type": "application/json" };

interface Refusal {
  error: { message: string; code?: number; data: { code: string; message: string; requestId: string } };
}

/** A POST to a procedure as ada, with whatever headers and body. */
async function post(echo: Echo, name: string, { headers = json, body }: { headers?: object; body?: unknown }) {
  const { accessToken } = await echo.user("ada");
  const response = await fetch(`${echo.apiUrl}/trpc/${name}`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${accessToken}` } as HeadersInit,
    body: body as BodyInit,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Refusal };
}

function expectRefusal(
  answer: Awaited<ReturnType<typeof post>>,
  { status, code, message }: { status: number; code: string; message?: RegExp },
): void {
  expect(answer.status).toBe(status);
  expect(answer.body.error).toEqual({
    message: expect.stringMatching(message ?? /./),
    code: expect.any(Number),
    data: { code, message: answer.body.error.message, requestId: answer.headers.get("x-request-id") },
  });
}

describe("media types", () => {
  test.each([
    ["text/plain", { "content-type": "text/plain" }, "{}"],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, "a=1"],
    ["an octet stream", { "content-type": "application/octet-stream" }, "{}"],
    ["JSON with another name", { "content-type": "application/json-patch+json" }, "{}"],
    ["JSON in another charset", { "content-type": "application/json; charset=utf-16" }, "{}"],
    ["two types", { "content-type": "application/json, text/plain" }, "{}"],
    ["no type", { "content-type": "" }, "{}"],
    ["gzip", { ...json, "content-encoding": "gzip" }, "{}"],
    ["two encodings", { ...json, "content-encoding": "identity, gzip" }, "{}"],
  ])("%s is 415", async (_what, headers, body) => {
    await using echo = await startEcho();

    expectRefusal(await post(echo, "messages.typing", { headers, body }), { status: 415, code: "BAD_REQUEST" });
  });

  test("multipart is 415 and reaches no procedure", async () => {
    await using echo = await startEcho();
    const form = new FormData();
    form.set("email", "ada@example.org");

    const answer = await post(echo, "auth.login", { headers: {}, body: form });

    expectRefusal(answer, { status: 415, code: "BAD_REQUEST" });
  });

  test.each(["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=utf-8"])(
    "%s is taken",
    async (type) => {
      await using echo = await startEcho();

      expect((await post(echo, "auth.logout", { headers: { "content-type": type }, body: "{}" })).status).toBe(200);
    },
  );
});

describe("sizes", () => {
  const bytes = (size: number) => JSON.stringify({ text: "x".repeat(size - 11) });

  test("a body of 256 KiB is read, and one byte more is 413", async () => {
    await using echo = await startEcho();

    const fits = await post(echo, "messages.typing", { body: bytes(256 * 1_024) });
    const over = await post(echo, "messages.typing", { body: bytes(256 * 1_024 + 1) });

    expectRefusal(fits, { status: 400, code: "BAD_REQUEST" });
    expectRefusal(over, { status: 413, code: "PAYLOAD_TOO_LARGE", message: /256 KiB/ });
  });

  test("a body with credentials may have 8 KiB, in a batch of one and under an encoded name too", async () => {
    await using echo = await startEcho();
    const body = bytes(8 * 1_024 + 1);

    for (const name of ["auth.login", "auth.login?batch=1", "%61uth.login", "auth%2Elogin"]) {
      expectRefusal(await post(echo, name, { body }), { status: 413, code: "PAYLOAD_TOO_LARGE", message: /8 KiB/ });
    }
    expect((await post(echo, "auth.login", { body: bytes(8 * 1_024) })).status).toBe(400);
  });

  test("a body that does not say its length is counted while it comes, and the connection lives on", async () => {
    await using echo = await startEcho();
    const endless = () =>
      new ReadableStream({
        start(controller) {
          for (let n = 0; n < 40; n += 1) controller.enqueue(new Uint8Array(10_000).fill(32));
          controller.close();
        },
      });

    for (let n = 0; n < 3; n += 1) {
      const answer = await post(echo, "messages.typing", { body: endless() });
      expectRefusal(answer, { status: 413, code: "PAYLOAD_TOO_LARGE" });
      expect((await fetch(`${echo.apiUrl}/health`)).status).toBe(200);
    }
  });
});

describe("JSON", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

  test.each([
    ["half an object", '{"text":'],
    ["no JSON", "hello"],
    ["36 levels", nested(36)],
    ["100,000 levels", nested(100_000)],
    ["__proto__", '{"__proto__":{"isAdmin":true}}'],
    ["__proto__ behind escapes", '{"a":[{"\\u005f_proto__":1}]}'],
    ["constructor.prototype", '{"constructor":{"prototype":{"isAdmin":true}}}'],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["two values", "{}{}"],
    ["NaN", '{"seq":NaN}'],
  ])("%s is BAD_REQUEST", async (_what, body) => {
    await using echo = await startEcho();

    expectRefusal(await post(echo, "messages.typing", { body }), { status: 400, code: "BAD_REQUEST" });
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test.each([
    ["half an object", '{"text":'],
    ["__proto__", '{"__proto__":{"isAdmin":true}}'],
    ["1,000 levels", nested(1_000)],
  ])("%s in the address is BAD_REQUEST too", async (_what, input) => {
    await using echo = await startEcho();
    const { accessToken } = await echo.user("ada");

    const response = await fetch(`${echo.apiUrl}/trpc/messages.list?input=${encodeURIComponent(input)}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { data: { code: "BAD_REQUEST" } } });
  });

  test("custom data of 32 levels reaches a procedure", async () => {
    await using echo = await startEcho();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const data = JSON.parse(`${'{"a":'.repeat(31)}{}${"}".repeat(31)}`);
    const content = { kind: "a.b", data, fallbackText: "x" };

    const sent = await echo.as("ada").messages.send.mutate({
      conversationId,
      clientMessageId: "1",
      type: "custom",
      content,
    });

    expect(sent.content).toEqual(content);
  });
});

describe("batches", () => {
  test("of ten run, of eleven are refused with a sentence that says so", async () => {
    await using echo = await startEcho();
    const { accessToken } = await echo.user("ada");
    const ask = (count: number) =>
      fetch(`${echo.apiUrl}/trpc/${Array(count).fill("users.profile.me").join(",")}?batch=1`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });

    const ten = await ask(10);
    const eleven = await ask(11);

    expect(await ten.json()).toHaveLength(10);
    expect(eleven.status).toBe(400);
    expect(await eleven.json()).toMatchObject({ error: { message: expect.stringContaining("at most 10") } });
  });

  test.each([
    "auth.login,users.profile.upsert",
    "users.profile.upsert,auth.logout",
    "auth.login,auth.login",
    "auth.login%2Cauth.login",
    "%61uth.login,%61uth.login",
    "auth.refresh,nothing",
  ])("%s is refused whole, before anything runs", async (names) => {
    await using echo = await startEcho();
    const ada = echo.as("ada");

    const answer = await post(echo, `${names}?batch=1`, {
      body: JSON.stringify({ "0": { bio: "ran" }, "1": { bio: "ran" } }),
    });

    expectRefusal(answer, { status: 400, code: "BAD_REQUEST", message: /none of its calls ran/ });
    expect(await ada.users.profile.me.query()).toMatchObject({ bio: "" });
  });

  test("of one auth mutation runs", async () => {
    await using echo = await startEcho();

    const answer = await post(echo, "auth.logout?batch=1", { body: "{}" });

    expect(answer.status).toBe(200);
  });

  test("answers each call by itself: 207 when they differ", async () => {
    await using echo = await startEcho();
    const { accessToken } = await echo.user("ada");
    const response = await fetch(`${echo.apiUrl}/trpc/users.profile.me,nothing.here?batch=1`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });

    expect(response.status).toBe(207);
    expect(await response.json()).toMatchObject([
      { result: { data: { displayName: "ada" } } },
      { error: { data: { code: "NOT_FOUND", requestId: response.headers.get("x-request-id") } } },
    ]);
  });

  test("can be read as a stream", async () => {
    await using echo = await startEcho();
    const { accessToken } = await echo.user("ada");
    const response = await fetch(`${echo.apiUrl}/trpc/users.profile.me,users.profile.me?batch=1`, {
      headers: { authorization: `Bearer ${accessToken}`, "trpc-accept": "application/jsonl" },
    });

    expect((await response.text()).split("\n").length).toBeGreaterThan(2);
  });
});

describe("addresses and methods", () => {
  test.each([
    "__proto__",
    "constructor",
    "toString",
    "auth",
    "auth.",
    ".auth.me",
    "auth..me",
    "auth.me.toString",
    "%2561uth.me",
  ])("/trpc/%s is no procedure", async (name) => {
    await using echo = await startEcho();

    const response = await fetch(`${echo.apiUrl}/trpc/${name}`);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { data: { code: "NOT_FOUND" } } });
  });

  test.each([
    "/",
    "/nope",
    "/trpc",
    "/trpcx/auth.me",
    "/health/",
    "/Health",
    "/..%2ftrpc/auth.me",
    "/.well-known/",
    "/ready/x",
  ])("%s is NOT_FOUND in the same shape", async (path) => {
    await using echo = await startEcho();

    const response = await fetch(echo.apiUrl + path);

    expect(response.status).toBe(404);
    const { error } = (await response.json()) as Refusal;
    const requestId = response.headers.get("x-request-id");
    expect(error).toEqual({ message: error.message, data: { code: "NOT_FOUND", message: error.message, requestId } });
  });

  test.each([
    ["PUT", "/trpc/auth.me", "GET, POST"],
    ["DELETE", "/trpc/auth.me", "GET, POST"],
    ["POST", "/health", "GET, HEAD"],
    ["DELETE", "/ready", "GET, HEAD"],
    ["POST", "/.well-known/jwks.json", "GET, HEAD"],
    ["PROPFIND", "/trpc/auth.me", "GET, POST"],
    ["POST", "/trpc/auth.me", "GET"],
    ["GET", "/trpc/auth.login", "POST"],
  ])("%s %s is 405 and says what is allowed", async (method, path, allow) => {
    await using echo = await startEcho();

    const response = await fetch(echo.apiUrl + path, { method, headers: json });

    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect(await response.json()).toMatchObject({ error: { data: { code: "BAD_REQUEST" } } });
  });
});
