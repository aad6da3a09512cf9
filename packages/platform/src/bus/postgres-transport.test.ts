import type { Db } from "@echo/db";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { busConformance } from "./bus.conformance.ts";
import { createBus } from "./create-bus.ts";
import { openPostgresHarness } from "./postgres-transport.harness.ts";
import { postgresTransport } from "./postgres-transport.ts";

const logger = createLogger({ service: "test", destination: { write: () => undefined } });

test.each(busConformance)("PostgreSQL bus: $name", async ({ run }) => {
  await using database = await createTestDatabase({ migrated: false });
  await using harness = openPostgresHarness(database.url, 20_000);

  await run(harness);
});

test("the PostgreSQL bus says that processes share it, and how much fits into a NOTIFY", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using harness = openPostgresHarness(database.url, 5_000);

  const bus = await harness.open();

  expect(bus.driver).toEqual({ name: "postgres", isShared: true });
  expect(bus.maxPayloadBytes).toBe(7_800);
  expect(bus.heartbeatAgeMs()).toBe(Number.POSITIVE_INFINITY);
});

test("messages of one tick travel in one statement", async () => {
  await using database = await createTestDatabase({ migrated: false });
  let statements = 0;
  const query: Db["query"] = (statement, values) => {
    statements += 1;
    return database.db.query(statement, values);
  };
  const bus = await createBus({
    transports: [postgresTransport({ ...database.db, query })],
    logger,
    clock: systemClock,
  });
  await bus.ping();
  statements = 0;

  await Promise.all(Array.from({ length: 200 }, (_, index) => bus.publish("a", { index, text: "x".repeat(100) })));

  expect(statements).toBe(1);
  await bus.close();
});

test("a full queue refuses with UNAVAILABLE and keeps what it has", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const bus = await createBus({
    transports: [postgresTransport(database.db)],
    logger,
    clock: systemClock,
    maxQueued: 3,
  });
  await bus.ping();

  const results = await Promise.allSettled([1, 2, 3, 4, 5].map((payload) => bus.publish("a", payload)));

  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "rejected"]);
  expect(results[4]).toMatchObject({
    reason: { code: "UNAVAILABLE", message: expect.stringContaining("queue is full") },
  });
  await bus.close();
});

test("closing sends what waits", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using harness = openPostgresHarness(database.url, 5_000);
  const [from, to] = [await harness.open(), await harness.open()];
  const heard: unknown[] = [];
  await to.subscribe("a", (payload) => heard.push(payload));

  const published = from.publish("a", "last words");
  await from.close();

  await published;
  await vi.waitFor(() => expect(heard).toEqual(["last words"]), 5_000);
});

test("what is dropped is logged, without its content", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using harness = openPostgresHarness(database.url, 5_000);
  await harness.open();

  await harness.publishRaw("canary");

  await vi.waitFor(() => expect(harness.lines.join("")).toContain("malformed record"), 5_000);
  expect(harness.lines.join("")).not.toContain("canary");
});

test("a database that is away is UNAVAILABLE from the start", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const listener = () => Promise.reject(new Error("connection refused"));

  const opened = createBus({
    transports: [postgresTransport({ ...database.db, listener })],
    logger,
    clock: systemClock,
  });

  await expect(opened).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
