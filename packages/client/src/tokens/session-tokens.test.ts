import type { AuthResult } from "@echo/contracts";
import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { networkError } from "../errors.ts";
import { createSessionTokens } from "./session-tokens.ts";
import { memoryStorage } from "./storage.ts";

/** A minute's token: stale 12 s before its end. */
const accessToken = (gen: number) =>
  `${gen}.${Buffer.from(JSON.stringify({ sub: "ada", iat: 0, exp: 60 })).toString("base64url")}.y`;
const resultOf = (gen: number) =>
  ({ accessToken: accessToken(gen), refreshToken: `r${gen}`, deviceToken: "d", expiresAt: "" }) as AuthResult;
const ended = TRPCClientError.from({ error: { message: "", code: -32_001, data: { code: "UNAUTHORIZED" } } });

async function signedIn(refresh: (refreshToken: string) => Promise<AuthResult>) {
  const clock = { nowMs: 0 };
  const storage = memoryStorage();
  const ends: string[] = [];
  const used: string[] = [];
  const options = {
    storage,
    now: () => clock.nowMs,
    lock: <T>(work: () => Promise<T>) => work(),
    onEnded: () => void ends.push("ended"),
    refresh: (refreshToken: string) => {
      used.push(refreshToken);
      return refresh(refreshToken);
    },
  };
  const tokens = createSessionTokens(options);
  await tokens.keep(resultOf(1));
  const anotherTab = () => createSessionTokens(options);
  return { tokens, clock, storage, ends, used, anotherTab };
}

test("50 calls with a stale token make one refresh, and all get its token", async () => {
  const { tokens, clock, used } = await signedIn(async () => resultOf(2));
  clock.nowMs = 48_000;

  const all = await Promise.all(Array.from({ length: 50 }, () => tokens.current()));

  expect(used).toEqual(["r1"]);
  expect(new Set(all.map((token) => token?.accessToken))).toEqual(new Set([accessToken(2)]));
});

test("a token that another tab renewed is taken from storage without a refresh", async () => {
  const { tokens, anotherTab, used } = await signedIn(async () => resultOf(2));
  await anotherTab().renew(accessToken(1));

  expect((await tokens.renew(accessToken(1)))?.accessToken).toBe(accessToken(2));
  expect((await tokens.current())?.accessToken).toBe(accessToken(2));
  expect(used).toEqual(["r1"]);
});

test("without network a token is used to its end, and then the failure is told", async () => {
  const { tokens, clock, ends } = await signedIn(() => Promise.reject(networkError("offline")));

  clock.nowMs = 59_999;
  expect((await tokens.current())?.accessToken).toBe(accessToken(1));
  clock.nowMs = 60_000;
  await expect(tokens.current()).rejects.toThrow("offline");
  expect(ends).toEqual([]);
});

test("a session that the server ended is forgotten, the device is not", async () => {
  const { tokens, ends } = await signedIn(() => Promise.reject(ended));

  expect(await tokens.renew(accessToken(1))).toBeNull();
  expect(await tokens.current()).toBeNull();
  expect(ends).toEqual(["ended"]);
  expect(await tokens.deviceToken()).toBe("d");
});

test("a refresh that races a sign-out never brings the session back", async () => {
  const { tokens } = await signedIn(async () => {
    await tokens.clear();
    return resultOf(2);
  });

  expect(await tokens.renew(accessToken(1))).toBeNull();
  expect(await tokens.current()).toBeNull();
});

test("a refresh that races another sign-in leaves the new session alone", async () => {
  const { tokens, ends } = await signedIn(async () => {
    await tokens.keep(resultOf(7));
    throw ended;
  });

  expect((await tokens.renew(accessToken(1)))?.accessToken).toBe(accessToken(7));
  expect(ends).toEqual([]);
});

test("a step-up changes the access token and keeps the refresh token", async () => {
  const { tokens, used, clock } = await signedIn(async () => resultOf(3));
  await tokens.keep({ accessToken: accessToken(2), expiresAt: "" });
  expect((await tokens.current())?.accessToken).toBe(accessToken(2));

  clock.nowMs = 60_000;
  await tokens.current();

  expect(used).toEqual(["r1"]);
});

test("what cannot be read in storage is nobody", async () => {
  const { tokens, storage } = await signedIn(async () => resultOf(2));
  await storage.set("echo.session", "{torn");

  expect(await tokens.current()).toBeNull();
});
