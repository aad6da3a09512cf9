import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { createEcho } from "./create-echo.ts";
import { errorCode } from "./errors.ts";
import { createFetches } from "./test-support/fetches.ts";
import { createSignIn } from "./test-support/sign-in.ts";
import { memoryStorage, type Storage } from "./tokens/storage.ts";

/** Changes what is kept of the session. */
async function tamper(storage: Storage, change: object): Promise<void> {
  const session = JSON.parse((await storage.get("echo.session")) ?? "{}");
  await storage.set("echo.session", JSON.stringify({ ...session, ...change }));
}

test("50 parallel calls with an expired token are answered, by one refresh", async () => {
  await using echo = await startEcho();
  const { fetch, of } = createFetches();
  const storage = memoryStorage();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch, storage });
  const { userId, session } = await echo.user("ada");
  const claims = { userId, sessionId: session.id, gen: 1, authTime: new Date(0) };
  const { accessToken } = await echo.core.ports.keys.sign(claims, new Date(Date.now() - 3_600_000));
  await tamper(storage, { accessToken });

  const answers = await Promise.all(Array.from({ length: 50 }, () => ada.api.auth.me.query()));

  expect(answers.every((me) => me.userId === userId)).toBe(true);
  expect(of("auth.refresh")).toHaveLength(1);
});

test("a token that gets stale is renewed before it is used", async () => {
  await using echo = await startEcho();
  const { fetch, of, requests } = createFetches();
  const storage = memoryStorage();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch, storage });
  await tamper(storage, { staleAt: 0 });
  requests.length = 0;

  await Promise.all([ada.api.auth.me.query(), ada.api.users.profile.me.query()]);

  expect(of("auth.refresh")).toHaveLength(1);
  expect(requests).toHaveLength(2);
});

test("a refresh whose answer was lost is made again, and the session lives", async () => {
  await using echo = await startEcho();
  const { fetch, of, lose } = createFetches();
  const storage = memoryStorage();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch, storage });
  await tamper(storage, { staleAt: 0 });
  lose("auth.refresh", "lost answer");

  await ada.api.auth.me.query();
  await tamper(storage, { staleAt: 0 });
  await ada.api.auth.me.query();

  expect(of("auth.refresh")).toHaveLength(3);
});

test("two tabs that share a storage renew at once, and both live on", async () => {
  await using echo = await startEcho();
  const storage = memoryStorage();
  using ada = await createSignIn(echo, testPassword)("ada", { storage });
  const { apiUrl, realtimeUrl } = echo;
  const tab = createEcho({ apiUrl, realtimeUrl, storage });
  await tamper(storage, { staleAt: 0 });

  await Promise.all([ada.api.auth.me.query(), tab.api.auth.me.query()]);
  await tamper(storage, { staleAt: 0 });
  const [one, other] = await Promise.all([ada.api.auth.me.query(), tab.api.auth.me.query()]);

  expect(one.userId).toBe(other.userId);
});

test("a session that ended elsewhere is forgotten, and the application is told once", async () => {
  await using echo = await startEcho();
  const storage = memoryStorage();
  const signIn = createSignIn(echo, testPassword);
  using ada = await signIn("ada", { storage });
  using elsewhere = await signIn("ada");
  let told = 0;
  ada.onSignedOut(() => {
    told += 1;
  });
  await elsewhere.api.auth.logout.mutate({ scope: "others" });

  const calls = await Promise.allSettled(Array.from({ length: 5 }, () => ada.api.auth.me.query()));

  expect(calls.map((call) => (call.status === "rejected" ? errorCode(call.reason) : "answered"))).toEqual(
    Array.from({ length: 5 }, () => "UNAUTHORIZED"),
  );
  expect(told).toBe(1);
  expect(await storage.get("echo.session")).toBeUndefined();
  expect((await elsewhere.api.auth.me.query()).userId).toBe((await echo.user("ada")).userId);
});

test("after a sign-out nothing is kept but the device, which the next sign-in shows", async () => {
  await using echo = await startEcho();
  const { fetch, of } = createFetches();
  const storage = memoryStorage();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch, storage });
  const { email } = await echo.user("ada");

  await ada.api.auth.logout.mutate();
  await expect(ada.api.auth.me.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
  await ada.api.auth.login.mutate({ email, password: testPassword });

  expect(of("auth.refresh")).toHaveLength(0);
  expect(JSON.parse(of("auth.login")[0]?.body ?? "")).not.toHaveProperty("deviceToken");
  expect(JSON.parse(of("auth.login")[1]?.body ?? "")).toHaveProperty("deviceToken");
  expect((await ada.api.auth.me.query()).email).toBe(email);
});

test("a wrong password at a step-up is one guess; the right one gives a token that is used from then on", async () => {
  await using echo = await startEcho();
  const { fetch, of } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch });

  await expect(ada.api.auth.stepUp.mutate({ password: "wrong" })).rejects.toThrow();
  expect(of("auth.stepUp")).toHaveLength(1);
  await ada.api.auth.stepUp.mutate({ password: testPassword });
  await ada.api.auth.logout.mutate({ scope: "others" });

  expect((await ada.api.auth.me.query()).userId).toBe((await echo.user("ada")).userId);
});

test("calls of a tick go together, at most 10 a request, and one with credentials goes alone", async () => {
  await using echo = await startEcho();
  const { fetch, requests, of } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch });
  requests.length = 0;

  await Promise.all([
    ...Array.from({ length: 25 }, () => ada.api.users.profile.me.query()),
    ada.api.auth.stepUp.mutate({ password: testPassword }),
    ada.api.users.profile.upsert.mutate({ bio: "a" }),
    ada.api.users.profile.upsert.mutate({ status: "b" }),
  ]);

  const callsOf = ({ path }: { path: string }) => path.split("?")[0]?.split(",").length;
  expect(of("profile.me").map(callsOf)).toEqual([10, 10, 5]);
  expect(of("profile.upsert").map(callsOf)).toEqual([2]);
  expect(of("auth.stepUp")).toMatchObject([{ path: "/trpc/auth.stepUp" }]);
});

test("a token that the application brings is used, and fetched anew when it is refused", async () => {
  await using echo = await startEcho();
  const { apiUrl, realtimeUrl } = echo;
  const { accessToken, userId } = await echo.user("ada");
  const given = ["forged", accessToken];
  const ada = createEcho({ apiUrl, realtimeUrl, token: async () => given.shift() ?? accessToken });

  expect((await ada.api.auth.me.query()).userId).toBe(userId);

  const stranger = createEcho({ apiUrl, realtimeUrl, token: "forged" });
  await expect(stranger.api.auth.me.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
});

test("an address that does not answer is passed over, and a call that may run twice is not repeated", async () => {
  await using echo = await startEcho();
  const { fetch, lose, of } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", {
    fetch,
    apiUrl: [echo.apiUrl, "http://127.0.0.1:1"],
  });

  lose("auth.me", "lost request");
  expect((await ada.api.auth.me.query()).userId).toBe((await echo.user("ada")).userId);
  lose("conversations.create", "lost answer");
  const created = await ada.api.conversations.create.mutate({ type: "group" }).catch(errorCode);

  expect(of("auth.me").length).toBeGreaterThan(1);
  expect(created).toBe("NETWORK");
  expect(of("conversations.create")).toHaveLength(1);
});
