import type { AuthResult } from "@echo/contracts";
import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { networkError } from "../errors.ts";
import { SessionTokens } from "./session-tokens.ts";
import { SharedSession } from "./shared-session.ts";
import { memoryStorage } from "./storage.ts";
import type { TabNews } from "./tabs.ts";

/** A minute's token: stale 12 s before its end. */
const accessToken = (gen: number, { sub = "ada", sid = "s" } = {}) =>
  `${gen}.${Buffer.from(JSON.stringify({ sub, sid, iat: 0, exp: 60 })).toString("base64url")}.y`;
const resultOf = (gen: number, whose = {}) =>
  ({ accessToken: accessToken(gen, whose), refreshToken: `r${gen}`, deviceToken: "d", expiresAt: "" }) as AuthResult;
const ended = TRPCClientError.from({ error: { message: "", code: -32_001, data: { code: "UNAUTHORIZED" } } });

/** Tabs of one origin: one storage, news that arrive at once, no lock but what a test says. */
async function signedIn(refresh: (refreshToken: string) => Promise<AuthResult>, { hasWaited = false } = {}) {
  const clock = { nowMs: 0 };
  const storage = memoryStorage();
  const used: string[] = [];
  const hearers = new Set<(news: TabNews) => void>();

  function openTab(own = storage) {
    const told: string[] = [];
    const session = new SharedSession({
      storage: own,
      meet(hear) {
        hearers.add(hear);
        return {
          tell: (news) => {
            for (const other of hearers) if (other !== hear) other(news);
          },
          close: () => void hearers.delete(hear),
        };
      },
      onBegun: (userId) => void told.push(`begun ${userId}`),
      onEnded: () => void told.push("ended"),
    });
    const tokens = new SessionTokens({
      session,
      storage: own,
      now: () => clock.nowMs,
      lock: (work) => work(hasWaited),
      repeats: 1,
      refresh: (refreshToken) => {
        used.push(refreshToken);
        return refresh(refreshToken);
      },
    });
    return { tokens, told };
  }

  const { tokens, told } = openTab();
  await tokens.keep(resultOf(1));
  return { tokens, told, clock, storage, used, openTab };
}

/** Shows what another one's storage held until a test says that the writes have arrived. */
function lateStorage(storage: ReturnType<typeof memoryStorage>) {
  const late = memoryStorage();
  return {
    ...late,
    arrive: async () => {
      const text = await storage.get("echo.session");
      if (text) await late.set("echo.session", text);
      else await late.delete("echo.session");
    },
  };
}

test("50 calls with a stale token make one refresh, and all get its token", async () => {
  const { tokens, clock, used } = await signedIn(async () => resultOf(2));
  clock.nowMs = 48_000;

  const all = await Promise.all(Array.from({ length: 50 }, () => tokens.current()));

  expect(used).toEqual(["r1"]);
  expect(new Set(all.map((token) => token?.accessToken))).toEqual(new Set([accessToken(2)]));
});

test("a token that another tab renewed is taken from storage without a refresh", async () => {
  const { tokens, openTab, used } = await signedIn(async () => resultOf(2));
  await openTab().tokens.renew(accessToken(1));

  expect((await tokens.renew(accessToken(1)))?.accessToken).toBe(accessToken(2));
  expect((await tokens.current())?.accessToken).toBe(accessToken(2));
  expect(used).toEqual(["r1"]);
});

test("without network a token is used to its end, and then the failure is told", async () => {
  const { tokens, clock, told } = await signedIn(() => Promise.reject(networkError("offline")));

  clock.nowMs = 59_999;
  expect((await tokens.current())?.accessToken).toBe(accessToken(1));
  clock.nowMs = 60_000;
  await expect(tokens.current()).rejects.toThrow("offline");
  expect(told).toEqual(["begun ada"]);
});

test("a session that the server ended is forgotten, the device is not", async () => {
  const { tokens, told } = await signedIn(() => Promise.reject(ended));

  expect(await tokens.renew(accessToken(1))).toBeNull();
  expect(await tokens.current()).toBeNull();
  expect(told).toEqual(["begun ada", "ended"]);
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
  const { tokens, told } = await signedIn(async () => {
    await tokens.keep(resultOf(7, { sid: "s7" }));
    throw ended;
  });

  expect((await tokens.renew(accessToken(1)))?.accessToken).toBe(accessToken(7, { sid: "s7" }));
  expect(told).toEqual(["begun ada", "begun ada"]);
});

test("a step-up changes the access token and keeps the refresh token", async () => {
  const { tokens, used, clock } = await signedIn(async () => resultOf(3));
  await tokens.keep({ accessToken: accessToken(2), expiresAt: "" });
  expect((await tokens.current())?.accessToken).toBe(accessToken(2));

  clock.nowMs = 60_000;
  await tokens.current();

  expect(used).toEqual(["r1"]);
});

test("a refresh that nobody answered is made again, unless the others may have gone on without it", async () => {
  let lastsMs = 0;
  const { tokens, clock, used } = await signedIn(async () => {
    clock.nowMs += lastsMs;
    throw networkError("lost");
  });

  await expect(tokens.renew(accessToken(1))).rejects.toThrow("lost");
  expect(used).toEqual(["r1", "r1"]);
  lastsMs = 10_000;
  await expect(tokens.renew(accessToken(1))).rejects.toThrow("lost");
  expect(used).toEqual(["r1", "r1", "r1"]);
});

test("a tab takes what another one renewed before it sees it in storage", async () => {
  const { tokens, storage, used, openTab } = await signedIn(async () => resultOf(2));
  const late = lateStorage(storage);
  await late.arrive();
  const other = openTab(late);
  await other.tokens.current();

  await tokens.renew(accessToken(1));

  expect((await other.tokens.renew(accessToken(1)))?.accessToken).toBe(accessToken(2));
  await late.arrive();
  expect((await other.tokens.current())?.accessToken).toBe(accessToken(2));
  expect(used).toEqual(["r1"]);
});

test("a tab that waited for another one's refresh waits for its news, too", async () => {
  const { tokens, storage, used, openTab } = await signedIn(async () => resultOf(2), { hasWaited: true });
  const late = lateStorage(storage);
  await late.arrive();
  const other = openTab(late);

  const renewed = other.tokens.renew(accessToken(1));
  await tokens.keep({ accessToken: accessToken(2), expiresAt: "" });

  expect((await renewed)?.accessToken).toBe(accessToken(2));
  expect(used).toEqual([]);
});

test("a tab that slept hears what happened before it uses what it has", async () => {
  const { tokens, storage, clock, used, openTab } = await signedIn(async () => resultOf(3));
  const late = lateStorage(storage);
  await late.arrive();
  const sleeper = openTab(late);
  await sleeper.tokens.current();
  clock.nowMs = 60_000;

  const awake = sleeper.tokens.current();
  await tokens.keep({ accessToken: accessToken(2), expiresAt: "" });

  expect((await awake)?.accessToken).toBe(accessToken(2));
  expect(used).toEqual([]);
});

test("a sign-out in one tab ends the session in the others, whatever their storage still shows", async () => {
  const { tokens, storage, openTab } = await signedIn(async () => resultOf(2));
  const late = lateStorage(storage);
  await late.arrive();
  const other = openTab(late);
  await other.tokens.current();

  await tokens.clear();

  expect(other.told).toEqual(["begun ada", "ended"]);
  expect(await other.tokens.current()).toBeNull();
  expect(await storage.get("echo.session")).toBeUndefined();
});

test("where somebody else signs in in another tab, the first one is gone here", async () => {
  const { tokens, told, openTab } = await signedIn(async () => resultOf(2));
  const bobs = { sub: "bob", sid: "b" };

  await openTab().tokens.keep(resultOf(5, bobs));

  await expect.poll(() => told).toEqual(["begun ada", "ended"]);
  expect((await tokens.current())?.accessToken).toBe(accessToken(5, bobs));
  expect(told).toEqual(["begun ada", "ended", "begun bob"]);
});

test("a sign-out that is told late leaves the session of whoever signed in since", async () => {
  const { tokens, storage, openTab } = await signedIn(async () => resultOf(2));
  const bobs = { sub: "bob", sid: "b" };
  const other = openTab();
  await other.tokens.current();
  await tokens.keep(resultOf(5, bobs));

  await other.tokens.clear();

  expect(JSON.parse((await storage.get("echo.session")) ?? "")).toMatchObject({ userId: "bob" });
});

test("what cannot be read in storage is nobody", async () => {
  const { tokens, storage } = await signedIn(async () => resultOf(2));
  await storage.set("echo.session", "{torn");

  expect(await tokens.current()).toBeNull();
});
