import { EchoError } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import type { Core } from "../../core.ts";
import { createAuthTestCore, lightArgon2 } from "../auth-test-core.ts";
import { shutMsAfter } from "./figures.ts";
import { refundAttempt, reserveAttempt, type SignInAttempt } from "./reserve-attempt.ts";

const light = { config: { argon2: lightArgon2 } };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const grace: SignInAttempt = { scope: "staff", address: "grace@example.test", ip: "192.0.2.7" };

/** What became of it: counted, shut, or the refusal. */
async function outcomeOf(core: Core, attempt: Partial<SignInAttempt> = {}) {
  try {
    return (await reserveAttempt(core, { ...grace, ...attempt })) === null ? "shut" : "counted";
  } catch (error) {
    if (error instanceof EchoError) return { limiter: error.limiter, retryAfterMs: error.retryAfterMs };
    throw error;
  }
}

test("five failures, then it is shut for 1, 2, 4 ... 900 s, each after one failure more", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  for (let i = 0; i < 5; i++) expect(await outcomeOf(core)).toBe("counted");

  for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
    expect(await outcomeOf(core)).toBe("shut");
    clock.advance(seconds * secondMs - 1);
    expect(await outcomeOf(core)).toBe("shut");
    clock.advance(1);
    expect(await outcomeOf(core)).toBe("counted");
  }
});

test("nothing is shut before the fifth failure", () => {
  expect([0, 4, 5, 6, 14, 15, 5_000].map(shutMsAfter)).toEqual([0, 0, 1_000, 2_000, 512_000, 900_000, 900_000]);
});

test("what is tried while it is shut makes it no longer, and a day without failures forgets", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  for (let i = 0; i < 5; i++) await outcomeOf(core);
  for (let i = 0; i < 10; i++) expect(await outcomeOf(core)).toBe("shut");
  clock.advance(secondMs);
  expect(await outcomeOf(core)).toBe("counted");

  clock.advance(24 * hourMs);
  for (let i = 0; i < 5; i++) expect(await outcomeOf(core)).toBe("counted");
});

test("another network, another address and another scope are counted apart; a /64 is one network", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;
  for (let i = 0; i < 5; i++) await outcomeOf(core, { ip: `2001:db8::${i}` });

  expect(await outcomeOf(core, { ip: "2001:db8::9" })).toBe("shut");
  expect(await outcomeOf(core, { ip: "2001:db8:0:1::9" })).toBe("counted");
  expect(await outcomeOf(core, { ip: "2001:db8::9", address: "ada@example.test" })).toBe("counted");
  expect(await outcomeOf(core, { ip: "2001:db8::9", scope: "user" })).toBe("counted");
});

test("of thirty at once five are counted", async () => {
  await using database = await createTestDatabase();
  await using one = await createAuthTestCore(database.url, light);
  await using other = await createAuthTestCore(database.url, { ...light, clock: one.clock });

  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, i) => outcomeOf(i % 2 === 0 ? one.core : other.core)),
  );

  expect(outcomes.filter((each) => each === "counted")).toHaveLength(5);
  expect(outcomes.filter((each) => each === "shut")).toHaveLength(25);
});

test("a network has twenty failures a minute, whoever tries at once, and the next comes when the first is a minute old", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  await outcomeOf(core, { address: "first@example.test" });
  clock.advance(10 * secondMs);

  const outcomes = await Promise.all(
    Array.from({ length: 25 }, (_, i) => outcomeOf(core, { address: `p${i % 8}@example.test` })),
  );

  expect(outcomes.filter((each) => each === "counted")).toHaveLength(19);
  expect(outcomes).toContainEqual({ limiter: "signIn", retryAfterMs: 50 * secondMs });
  expect(await outcomeOf(core, { ip: "192.0.2.8" })).toBe("counted");
  clock.advance(50 * secondMs);
  expect(await outcomeOf(core, { address: "last@example.test" })).toBe("counted");
  expect(await outcomeOf(core, { address: "last@example.test" })).toEqual({
    limiter: "signIn",
    retryAfterMs: 10 * secondMs,
  });
});

test("a network has thirty different addresses an hour", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  for (let i = 0; i < 30; i++) {
    expect(await outcomeOf(core, { address: `p${i}@example.test` })).toBe("counted");
    clock.advance(minuteMs);
  }

  const refused = { limiter: "signIn", retryAfterMs: 30 * minuteMs };
  expect(await outcomeOf(core, { address: "p30@example.test" })).toEqual(refused);
  expect(await outcomeOf(core, { address: "p0@example.test" })).toEqual(refused);
  expect(await outcomeOf(core, { ip: "192.0.2.8" })).toBe("counted");
  clock.advance(30 * minuteMs);
  expect(await outcomeOf(core, { address: "p30@example.test" })).toBe("counted");
});

test("an address has a hundred failures an hour from everywhere, then it is shut everywhere", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  for (let i = 0; i < 100; i++) expect(await outcomeOf(core, { ip: `198.51.100.${i >> 2}` })).toBe("counted");

  expect(await outcomeOf(core)).toBe("shut");
  expect(await outcomeOf(core, { address: "ada@example.test" })).toBe("counted");
  clock.advance(hourMs);
  expect(await outcomeOf(core)).toBe("counted");
});

test("what is taken back was never counted", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core } = test;

  for (let i = 0; i < 40; i++) {
    const id = await reserveAttempt(core, { ...grace, address: `p${i}@example.test` });
    await refundAttempt(core.db, id ?? "");
  }

  expect(await database.db.prisma.attempt.count()).toBe(0);
});

test("what nobody counts any more is swept away, and no address is stored as it was typed", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, light);
  const { core, clock } = test;
  for (let i = 0; i < 15; i++) await outcomeOf(core, { address: `p${i}@example.test` });
  clock.advance(24 * hourMs);

  await outcomeOf(core);

  const rows = await database.db.prisma.attempt.findMany();
  expect(rows).toHaveLength(1);
  expect(Buffer.from(rows[0]?.subject ?? []).toString("latin1")).not.toContain("grace");
});
