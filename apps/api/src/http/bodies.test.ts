import { startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { expectRefusal, json, post } from "./test-kit.ts";

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
    ["the encoding that is none", { ...json, "content-encoding": "identity" }, "{}"],
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
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["two values", "{}{}"],
    ["NaN", '{"seq":NaN}'],
  ])("%s is BAD_REQUEST", async (_what, body) => {
    await using echo = await startEcho();

    expectRefusal(await post(echo, "messages.typing", { body }), { status: 400, code: "BAD_REQUEST" });
  });

  test.each([
    '{"__proto__":{"isAdmin":true}}',
    '{"metadata":[{"\\u005f_proto__":1}]}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '[{"a":{"b":{"__proto__":null}}}]',
  ])("%s is refused for its key, wherever it stands", async (body) => {
    await using echo = await startEcho();

    const answer = await post(echo, "messages.typing", { body });

    expectRefusal(answer, { status: 400, code: "BAD_REQUEST", message: /"__proto__"/ });
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
