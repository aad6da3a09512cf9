import { createLimitPolicies, createManualClock, defaultLifetimes } from "@echo/platform";
import { createTestDatabase } from "@echo/testing/database";
import { describe, expect, test } from "vitest";
import { createCore, stopCore } from "./create-core.ts";
import type { ProcessConfig } from "./process-config.ts";

const configOf = (url: string, more: Partial<ProcessConfig> = {}): ProcessConfig => ({
  service: "test",
  logLevel: "fatal",
  database: { url, directUrl: url, poolMax: 4, namedStatements: true },
  redis: null,
  kafka: null,
  secret: new Uint8Array(32).fill(7),
  previousSecret: null,
  issuer: "echo-test",
  emailVerification: "optional",
  argon2: { memoryKib: 64, passes: 1, parallelism: 1 },
  lifetimes: defaultLifetimes,
  limits: createLimitPolicies(),
  consoleUrl: "https://console.test",
  logDays: 7,
  ...more,
});

describe("createCore", () => {
  test("wires everything a verb may use, in at most ten fields", async () => {
    await using database = await createTestDatabase();

    const core = await createCore(configOf(database.url));

    expect(Object.keys(core).length).toBeLessThanOrEqual(10);
    expect(await core.db.ping()).toBeGreaterThan(0);
    expect(await core.events.head()).toMatchObject({ position: 0, epoch: expect.stringMatching(/./) });
    await stopCore(core);
    await expect(core.db.ping()).rejects.toMatchObject({ kind: "unavailable" });
  });

  test("takes what a test gives instead, and leaves it open", async () => {
    await using database = await createTestDatabase();
    const clock = createManualClock();

    const core = await createCore(configOf(database.url), { clock, db: database.db });
    await stopCore(core);

    expect(core.clock).toBe(clock);
    expect(await database.db.ping()).toBeGreaterThan(0);
  });

  test("a secret that is not the database's is one clear sentence, and nothing stays open", async () => {
    await using database = await createTestDatabase();
    const first = await createCore(configOf(database.url));
    await first.ports.keys.jwks();
    await stopCore(first);

    const other = createCore(configOf(database.url, { secret: new Uint8Array(32).fill(8) }));

    await expect(other).rejects.toMatchObject({ code: "PRECONDITION_FAILED", message: /another ECHO_SECRET/ });
  });

  test("a database that is not there is UNAVAILABLE", async () => {
    const nowhere = createCore(configOf("postgresql://echo@127.0.0.1:1/echo"));

    await expect(nowhere).rejects.toMatchObject({ kind: "unavailable" });
  });
});

test("stopCore twice is stopCore once", async () => {
  await using database = await createTestDatabase();
  const core = await createCore(configOf(database.url));

  await stopCore(core);

  await expect(stopCore(core)).resolves.toBeUndefined();
});
