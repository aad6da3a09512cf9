import { AuthResult } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing";
import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { type SessionsRevoked, sessionsChannel } from "../signals.ts";
import { ada, caller, createAuthTestCore, lightArgon2 } from "./auth-test-core.ts";
import { SessionEndedError } from "./authenticate.ts";
import { logout } from "./logout.ts";
import { mintSession } from "./mint-session.ts";
import { refresh } from "./refresh.ts";
import { register } from "./register.ts";

const light = { config: { argon2: lightArgon2 } };
const refused = { code: "UNAUTHORIZED", message: "The refresh token is not valid; sign in again" };
const dayMs = 86_400_000;

/** A person who just registered, and short names for what the tests do. */
async function signedIn(url: string) {
  const test = await createAuthTestCore(url, light);
  const first = await register(test.core, caller, ada);
  return {
    ...test,
    first,
    exchange: ({ refreshToken }: { refreshToken: string }) => refresh(test.core, caller, { refreshToken }),
    use: ({ accessToken }: { accessToken: string }) => test.actorOf(accessToken),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

const genOf = ({ accessToken }: { accessToken: string }) => decodeJwt(accessToken).gen;

describe("an exchange", () => {
  test("gives the successor and a new access token of the same session, device and auth_time", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    ada.clock.advance(60_000);

    const next = await ada.exchange(ada.first);

    expect(AuthResult.parse(next)).toEqual(next);
    expect(next.refreshToken).not.toBe(ada.first.refreshToken);
    expect(next.deviceToken).toBe(ada.first.deviceToken);
    expect(next.session.id).toBe(ada.first.session.id);
    expect(next.user).toEqual(ada.first.user);
    expect(decodeJwt(next.accessToken).auth_time).toBe(decodeJwt(ada.first.accessToken).auth_time);
    expect([genOf(ada.first), genOf(next)]).toEqual([0, 1]);
    const actor = await ada.use(next);
    expect(actor.expiresAt.toISOString()).toBe(next.expiresAt);
  });

  test("slides the end by seven days, never beyond ninety", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    const start = ada.clock.now().getTime();
    let current = ada.first;
    for (let week = 1; week <= 14; week++) {
      ada.clock.advance(6.5 * dayMs);
      if (week * 6.5 >= 90) break;
      current = await ada.exchange(current);
      const end = Math.min(ada.clock.now().getTime() + 7 * dayMs, start + 90 * dayMs);
      expect(current.session.expiresAt).toBe(new Date(end).toISOString());
    }
    await expect(ada.exchange(current)).rejects.toMatchObject(refused);
  });

  test("seven days without one end the session, and its access token too", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    ada.clock.advance(7 * dayMs);

    await expect(ada.exchange(ada.first)).rejects.toMatchObject(refused);
    expect(await database.db.prisma.session.count({ where: { revokedAt: { not: null } } })).toBe(0);
  });

  test("keeps no hash that has expired", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    let current = ada.first;
    for (let day = 1; day <= 20; day++) {
      ada.clock.advance(dayMs);
      current = await ada.exchange(current);
    }
    expect(await database.db.prisma.refreshToken.count()).toBe(7);
  });

  test.each(["", "unknown", "x".repeat(43)])("of an unknown token %j is refused", async (refreshToken) => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    await expect(ada.exchange({ refreshToken })).rejects.toMatchObject(refused);
    await expect(ada.use(ada.first)).resolves.toBeDefined();
  });

  test("of a suspended or deleted account is refused", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    for (const data of [{ status: "suspended" }, { status: "active", deletedAt: new Date() }]) {
      await database.db.prisma.user.updateMany({ data });
      await expect(ada.exchange(ada.first)).rejects.toMatchObject(refused);
    }
  });
});

describe("a lost answer is forgiven", () => {
  test("for 10 s from the first use: the same successor again, although it was used", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    const next = await ada.exchange(ada.first);
    await ada.use(next);
    ada.clock.advance(10_000);

    const again = await ada.exchange(ada.first);

    expect(again.refreshToken).toBe(next.refreshToken);
    expect(genOf(again)).toBe(1);
    await expect(ada.use(again)).resolves.toBeDefined();
  });

  test("days later, while nothing that came with the successor was used", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    const next = await ada.exchange(ada.first);
    ada.clock.advance(3 * dayMs);

    const again = await ada.exchange(ada.first);

    expect(again.refreshToken).toBe(next.refreshToken);
    await expect(ada.use(again)).resolves.toBeDefined();
    await expect(ada.exchange(again)).resolves.toBeDefined();
  });

  test("without a longer life for the family", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    const next = await ada.exchange(ada.first);
    ada.clock.advance(3 * dayMs);
    const again = await ada.exchange(ada.first);
    expect(again.session.expiresAt).toBe(next.session.expiresAt);
    ada.clock.advance(4 * dayMs);
    await expect(ada.exchange(again)).rejects.toMatchObject(refused);
    await expect(ada.exchange(ada.first)).rejects.toMatchObject(refused);
  });

  test("ten at once give one successor, through two processes", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    await using other = await createAuthTestCore(database.url, { ...light, clock: ada.clock });
    const { refreshToken } = ada.first;

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => refresh(n % 2 ? ada.core : other.core, caller, { refreshToken })),
    );

    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    expect(new Set(answers.map(genOf))).toEqual(new Set([1]));
    expect(await database.db.prisma.refreshToken.count()).toBe(2);
    for (const answer of answers) await expect(ada.use(answer)).resolves.toBeDefined();
  });
});

describe("reuse", () => {
  test("after 10 s, once the successor's access token was used, ends the session everywhere", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    await using other = await createAuthTestCore(database.url, { ...light, clock: ada.clock });
    const heard: unknown[] = [];
    await other.core.bus.subscribe(sessionsChannel, (signal) => heard.push(signal));
    const next = await ada.exchange(ada.first);
    await other.actorOf(next.accessToken);
    ada.clock.advance(10_001);

    await expect(ada.exchange(ada.first)).rejects.toMatchObject(refused);

    await expect(ada.use(next)).rejects.toThrow(SessionEndedError);
    const signal: SessionsRevoked = { v: 1, userId: next.user.userId, sessionIds: [next.session.id] };
    await expect.poll(() => heard).toEqual([signal]);
    await expect(other.actorOf(next.accessToken)).rejects.toThrow(SessionEndedError);
    await expect(ada.exchange(next)).rejects.toMatchObject(refused);
    const { prisma } = database.db;
    expect(await prisma.session.findMany()).toMatchObject([
      { revokedReason: "refresh_reuse", revokedAt: expect.any(Date) },
    ]);
    expect(await prisma.securityEvent.findMany()).toMatchObject([
      { type: "refresh_reuse", userId: next.user.userId, ip: caller.ip, data: { sessionId: next.session.id } },
    ]);
    expect(await prisma.deviceToken.findMany()).toMatchObject([{ revokedAt: expect.any(Date) }]);
  });

  test("after 10 s, once the successor itself was exchanged, ends the session", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    const next = await ada.exchange(ada.first);
    ada.clock.advance(10_001);
    const last = await ada.exchange(next);

    await expect(ada.exchange(ada.first)).rejects.toMatchObject(refused);
    await expect(ada.use(last)).rejects.toThrow(SessionEndedError);
  });

  test("of anything older than the predecessor ends it at once", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    const next = await ada.exchange(ada.first);
    const last = await ada.exchange(next);

    await expect(ada.exchange(ada.first)).rejects.toMatchObject(refused);
    await expect(ada.exchange(last)).rejects.toMatchObject(refused);
    expect(await database.db.prisma.securityEvent.count()).toBe(1);
  });

  test("ends that session alone", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    const phone = await mintSession(ada.core, ada.first.user.userId);
    await ada.exchange(await ada.exchange(ada.first));
    await expect(ada.exchange(ada.first)).rejects.toMatchObject(refused);

    await expect(ada.use(phone)).resolves.toBeDefined();
    await expect(ada.exchange(phone)).resolves.toBeDefined();
  });

  test("is recorded once, however often the dead family's tokens come back", async () => {
    await using database = await createTestDatabase();
    await using ada = await signedIn(database.url);
    await ada.exchange(await ada.exchange(ada.first));
    const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => ada.exchange(ada.first)));
    expect(attempts.every(({ status }) => status === "rejected")).toBe(true);
    expect(await database.db.prisma.securityEvent.count()).toBe(1);
  });
});

test("a refresh that races a logout never revives the session", async () => {
  await using database = await createTestDatabase();
  await using ada = await signedIn(database.url);
  for (let round = 0; round < 20; round++) {
    const session = await mintSession(ada.core, ada.first.user.userId);
    const actor = await ada.use(session);

    const [refreshed] = await Promise.allSettled([ada.exchange(session), logout(ada.core, actor, { scope: "this" })]);

    await expect(ada.use(session)).rejects.toThrow(SessionEndedError);
    await expect(ada.exchange(session)).rejects.toMatchObject(refused);
    if (refreshed.status === "fulfilled") {
      await expect(ada.use(refreshed.value)).rejects.toThrow(SessionEndedError);
      await expect(ada.exchange(refreshed.value)).rejects.toMatchObject(refused);
    }
  }
});
