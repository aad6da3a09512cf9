import { StepUpResult } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { ada, caller, createAuthTestCore, lightArgon2, password } from "./auth-test-core.ts";
import { SessionEndedError } from "./authenticate.ts";
import { logout } from "./logout.ts";
import { refresh } from "./refresh.ts";
import { register } from "./register.ts";
import { stepUp } from "./step-up.ts";

test("the right password gives a token of the same session with a new auth_time, which refreshes keep", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url);
  const first = await register(test.core, caller, ada);
  test.clock.advance(11 * 60_000);

  const result = await stepUp(test.core, await test.actorOf(first.accessToken), { password });

  expect(StepUpResult.parse(result)).toEqual(result);
  const now = Math.floor(test.clock.now().getTime() / 1_000);
  const { sid, auth_time, exp } = decodeJwt(result.accessToken);
  expect({ sid, auth_time, exp }).toEqual({ sid: first.session.id, auth_time: now, exp: now + 900 });
  expect((await test.actorOf(result.accessToken)).authTime).toEqual(new Date(now * 1_000));
  test.clock.advance(60_000);
  const next = await refresh(test.core, caller, first);
  expect(decodeJwt(next.accessToken).auth_time).toBe(now);
});

test("a wrong password changes nothing", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
  const first = await register(test.core, caller, ada);
  const actor = await test.actorOf(first.accessToken);
  test.clock.advance(60_000);

  const wrong = stepUp(test.core, actor, { password: "a wrong password" });
  await expect(wrong).rejects.toMatchObject({ code: "UNAUTHORIZED", message: "Wrong password" });
  const [session] = await database.db.prisma.session.findMany();
  expect(session?.authTime.getTime()).toBeLessThanOrEqual(actor.authTime.getTime() + 1_000);
});

test("an account without a password cannot step up by one", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
  const actor = await test.actorOf((await register(test.core, caller, ada)).accessToken);
  await database.db.prisma.user.updateMany({ data: { passwordHash: null } });
  await expect(stepUp(test.core, actor, { password })).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});

test("a session that ends while the password is verified gets no token", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url);
  const actor = await test.actorOf((await register(test.core, caller, ada)).accessToken);
  const [result] = await Promise.allSettled([
    stepUp(test.core, actor, { password }),
    logout(test.core, actor, { scope: "this" }),
  ]);
  expect(result).toMatchObject({ status: "rejected", reason: expect.any(SessionEndedError) });
});

test("more at once than the queue takes from one network: TOO_MANY_REQUESTS", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url);
  const actor = await test.actorOf((await register(test.core, caller, ada)).accessToken);
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => stepUp(test.core, actor, { password })));
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  expect(reasons.length).toBeGreaterThan(0);
  expect(reasons[0]).toMatchObject({ code: "TOO_MANY_REQUESTS", limiter: "hashing" });
});
