import { startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { expectRefusal, json, post, type Refusal } from "./test-kit.ts";

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
