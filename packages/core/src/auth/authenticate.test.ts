import { type Bus, type Cache, defaultLifetimes, unavailable } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { describe, expect, test } from "vitest";
import type { Core } from "../core.ts";
import type { ProcessConfig } from "../process-config.ts";
import { ada, caller, createAuthTestCore, lightArgon2 } from "./auth-test-core.ts";
import { authenticate, SessionEndedError } from "./authenticate.ts";
import { logout } from "./logout.ts";
import { mintSession } from "./mint-session.ts";
import { refresh } from "./refresh.ts";
import { register } from "./register.ts";
import { findEndedSessions } from "./session-states.ts";

const light = { config: { argon2: lightArgon2 } };
const as = (core: Core, accessToken: string) => authenticate(core, caller, { accessToken, audience: "echo:api" });

/** Ada, signed in. */
async function signedIn(url: string, config: Partial<ProcessConfig> = light.config) {
  const test = await createAuthTestCore(url, { config });
  const auth = await register(test.core, caller, ada);
  return { ...test, auth, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

/** A bus that a test silences, and whose reconnect it tells. */
function controlled(bus: Bus) {
  const state = { heartbeatAgeMs: 0, reconnected: () => {} };
  const controlledBus: Bus = {
    ...bus,
    maxPayloadBytes: bus.maxPayloadBytes,
    publish: (channel, payload) => bus.publish(channel, payload),
    subscribe: (channel, onMessage) => bus.subscribe(channel, onMessage),
    heartbeatAgeMs: () => state.heartbeatAgeMs,
    onReconnect(listener) {
      state.reconnected = listener;
      return () => {};
    },
  };
  return { bus: controlledBus, state };
}

/** Until what is read is kept: the first calls come before the bus is listened to. */
async function keep(core: Core, accessToken: string, reads: () => number) {
  await expect
    .poll(async () => {
      const before = reads();
      await as(core, accessToken);
      return reads() - before;
    })
    .toBe(0);
}

/** Counts reads of sessions. */
function counting(core: Core) {
  const counts = { reads: 0 };
  const db: Core["db"] = {
    ...core.db,
    prisma: core.db.prisma,
    query(statement, values) {
      if (statement.name === "auth_session_states") counts.reads += 1;
      return core.db.query(statement, values);
    },
  };
  return { db, counts };
}

describe("a good token", () => {
  test("tells who calls, at each door", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const { accessToken, user, session, expiresAt } = test.auth;
    for (const audience of ["echo:api", "echo:realtime"] as const) {
      const actor = await authenticate(test.core, caller, { accessToken, audience });
      expect(actor).toEqual({
        ...caller,
        userId: user.userId,
        sessionId: session.id,
        authTime: new Date(Math.floor(test.clock.now().getTime() / 1_000) * 1_000),
        expiresAt: new Date(expiresAt),
      });
    }
  });

  test.each([
    ["revoked", "UPDATE auth.sessions SET revoked_at = now()"],
    ["run out", "UPDATE auth.sessions SET expires_at = '2020-01-01'"],
    ["removed", "DELETE FROM auth.sessions"],
    ["of a suspended person", "UPDATE auth.users SET status = 'suspended'"],
    ["of a deleted person", "UPDATE auth.users SET deleted_at = now()"],
  ])("of a session that is %s is refused", async (_what, change) => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    await database.db.prisma.$executeRawUnsafe(change);
    await expect(as(test.core, test.auth.accessToken)).rejects.toThrow(SessionEndedError);
    await expect(findEndedSessions(test.core, [test.auth.session.id])).resolves.toEqual([test.auth.session.id]);
  });

  test("of somebody else's session is refused", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const eve = await register(test.core, caller, { ...ada, email: "eve@example.test" });
    const claims = { userId: eve.user.userId, sessionId: test.auth.session.id, gen: 0, authTime: new Date() };
    const { accessToken } = await test.core.ports.keys.sign(claims, test.clock.now());
    await expect(as(test.core, accessToken)).rejects.toThrow(SessionEndedError);
  });

  test("no token is UNAUTHORIZED, not an ended session", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const error = await as(test.core, "no token").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "UNAUTHORIZED" });
    expect(error).not.toBeInstanceOf(SessionEndedError);
  });
});

describe("what is kept of a session", () => {
  test("spares the read while the bus is heard, and a revocation ends it", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const { db, counts } = counting(test.core);
    const { bus } = controlled(test.core.bus);
    const core = { ...test.core, db, bus };
    const { accessToken } = test.auth;
    await keep(core, accessToken, () => counts.reads);

    await logout(core, await as(core, accessToken), { scope: "this" });
    await expect(as(core, accessToken)).rejects.toThrow(SessionEndedError);
  });

  test("is not used while the bus is silent: what the row says counts", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const { db, counts } = counting(test.core);
    const { bus, state } = controlled(test.core.bus);
    const core = { ...test.core, db, bus };
    const { accessToken } = test.auth;
    await keep(core, accessToken, () => counts.reads);
    await database.db.prisma.session.updateMany({ data: { revokedAt: new Date() } });

    state.heartbeatAgeMs = 2_000;
    await expect(as(core, accessToken)).rejects.toThrow(SessionEndedError);
  });

  test("does not outlive the session, and does not end one that a refresh has prolonged", async () => {
    await using database = await createTestDatabase();
    const lifetimes = { ...defaultLifetimes, refreshMs: 60_000 };
    await using test = await signedIn(database.url, { ...light.config, lifetimes });
    const { db, counts } = counting(test.core);
    const { bus } = controlled(test.core.bus);
    const core = { ...test.core, db, bus };
    await keep(core, test.auth.accessToken, () => counts.reads);
    test.clock.advance(50_000);
    const next = await refresh(core, caller, test.auth);

    test.clock.advance(20_000);
    await expect(as(core, next.accessToken)).resolves.toMatchObject({ sessionId: next.session.id });
    test.clock.advance(40_000);
    await expect(as(core, next.accessToken)).rejects.toThrow(SessionEndedError);
  });

  test("is dropped when the bus comes back: a signal may have been lost", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const { db, counts } = counting(test.core);
    const { bus, state } = controlled(test.core.bus);
    const core = { ...test.core, db, bus };
    const { accessToken } = test.auth;
    await keep(core, accessToken, () => counts.reads);
    await database.db.prisma.session.updateMany({ data: { revokedAt: new Date() } });
    test.clock.advance(1);

    state.reconnected();
    await expect(as(core, accessToken)).rejects.toThrow(SessionEndedError);
  });

  test("is never a revocation's only place: an empty cache refuses as well", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    await logout(test.core, await as(test.core, test.auth.accessToken), { scope: "this" });
    await using restarted = await createAuthTestCore(database.url, { ...light, clock: test.clock });
    await expect(as(restarted.core, test.auth.accessToken)).rejects.toThrow(SessionEndedError);
  });

  test("may be away: without a cache the rows serve, and a revocation counts", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const cache = brokenCache(test.core.cache);
    const core = { ...test.core, cache };
    const { accessToken } = test.auth;
    const actor = await as(core, accessToken);
    await expect(as(core, accessToken)).resolves.toEqual(actor);
    await logout(core, actor, { scope: "this" });
    await expect(as(core, accessToken)).rejects.toThrow(SessionEndedError);
  });

  test("with neither cache nor database nobody is waved through: UNAVAILABLE", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const db: Core["db"] = {
      ...test.core.db,
      prisma: test.core.db.prisma,
      query: () => Promise.reject(new Error("the database is away")),
    };
    const core = { ...test.core, cache: brokenCache(test.core.cache), db };
    await expect(as(core, test.auth.accessToken)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

function brokenCache(cache: Cache): Cache {
  const fail = () => Promise.reject(unavailable("The cache is away"));
  return {
    ...cache,
    space: () => ({
      get: fail,
      set: fail,
      delete: fail,
      getMany: fail,
      setMany: fail,
      addMany: fail,
      expire: fail,
      ttl: fail,
    }),
  };
}

describe("the first use of a rotation's token", () => {
  test("is written before the call is served, and by no later call", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const next = await refresh(test.core, caller, test.auth);
    const genOfRow = async () => (await database.db.prisma.session.findFirstOrThrow()).gen;

    expect(await genOfRow()).toBe(0);
    await as(test.core, test.auth.accessToken);
    expect(await genOfRow()).toBe(0);
    await as(test.core, next.accessToken);
    expect(await genOfRow()).toBe(1);
    await as(test.core, test.auth.accessToken);
    expect(await genOfRow()).toBe(1);
  });

  test("counts at the socket's door too", async () => {
    await using database = await createTestDatabase();
    await using test = await signedIn(database.url);
    const next = await refresh(test.core, caller, test.auth);
    await authenticate(test.core, caller, { accessToken: next.accessToken, audience: "echo:realtime" });
    test.clock.advance(10_001);
    await expect(refresh(test.core, caller, test.auth)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    await expect(as(test.core, next.accessToken)).rejects.toThrow(SessionEndedError);
  });
});

test("lastSeenAt is written once a minute at most", async () => {
  await using database = await createTestDatabase();
  await using test = await signedIn(database.url);
  const seen = async () => (await database.db.prisma.session.findFirstOrThrow()).lastSeenAt;
  const start = test.clock.now();

  test.clock.advance(59_000);
  await as(test.core, test.auth.accessToken);
  expect(await seen()).toEqual(start);
  test.clock.advance(1_000);
  const minute = test.clock.now();
  await Promise.all([1, 2, 3].map(() => as(test.core, test.auth.accessToken)));
  test.clock.advance(30_000);
  await as(test.core, test.auth.accessToken);
  expect(await seen()).toEqual(minute);
});

test("a sweep finds the sessions that ended, by their rows", async () => {
  await using database = await createTestDatabase();
  await using test = await signedIn(database.url);
  const phone = await mintSession(test.core, test.auth.user.userId);
  await database.db.prisma.session.updateMany({ where: { id: phone.session.id }, data: { revokedAt: new Date() } });
  const unknown = test.core.ids.uuid();
  const ids = [test.auth.session.id, phone.session.id, unknown];
  await expect(findEndedSessions(test.core, ids)).resolves.toEqual([phone.session.id, unknown]);
});
