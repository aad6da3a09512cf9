import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import { createDb } from "./create-db.ts";
import { statement } from "./db.ts";
import { DbError } from "./db-error.ts";

const pid = statement<{ pid: number }>("test_pid", "SELECT pg_backend_pid() AS pid");
const sleep = statement("test_sleep", "SELECT pg_sleep($1)");
const terminate = statement("test_terminate", "SELECT pg_terminate_backend($1)");

const user = (name: string) => ({
  id: crypto.randomUUID(),
  email: `${name}@example.org`,
  emailNormalized: `${name}@example.org`,
});

test("prepared SQL gives int8 as number, timestamptz as Date, jsonb parsed, bytea as Buffer, ranges as text", async () => {
  await using database = await createTestDatabase();
  const [row] = await database.db.query<Record<string, unknown>>(
    statement(
      "test_types",
      `SELECT 9007199254740991::int8 AS n, ARRAY[1, NULL, -2]::int8[] AS list, '{}'::int8[] AS none,
         '2026-11-25T01:02:03.004Z'::timestamptz AS at, '{"a": [1]}'::jsonb AS json, '\\x00ff'::bytea AS bytes,
         '{[1,3),[5,)}'::int8multirange AS spans`,
    ),
  );

  expect(row).toEqual({
    n: 9007199254740991,
    list: [1, null, -2],
    none: [],
    at: new Date("2026-11-25T01:02:03.004Z"),
    json: { a: [1] },
    bytes: Buffer.from([0, 255]),
    spans: "{[1,3),[5,)}",
  });
});

test("an int8 that no number can hold is an error, never another number", async () => {
  await using database = await createTestDatabase();

  const query = database.db.query(statement("test_unsafe", "SELECT 9007199254740993::int8 AS n"));

  await expect(query).rejects.toThrow("9007199254740993 is no safe integer");
  await expect(database.db.ping()).resolves.toBeGreaterThan(0);
});

test("Prisma keeps reading int8 as bigint, and times to the millisecond whatever the server's zone", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await db.prisma.$executeRawUnsafe(
    `ALTER DATABASE "${new URL(database.url).pathname.slice(1)}" SET timezone TO 'Asia/Tokyo'`,
  );
  const at = new Date("2026-01-02T03:04:05.678Z");
  await using elsewhere = await withDb(database.url);

  const written = await elsewhere.db.prisma.user.create({ data: { ...user("ada"), createdAt: at } });
  const [row] = await elsewhere.db.query<{ created_at: Date }>(
    statement("test_at", "SELECT created_at FROM auth.users"),
  );
  const head = await elsewhere.db.prisma.logHead.findFirst();

  expect(written.createdAt).toEqual(at);
  expect(row?.created_at).toEqual(at);
  expect(head?.position).toBe(0n);
});

test("a connection bounds how long it waits, idles and runs", async () => {
  await using database = await createTestDatabase();
  const names = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"];
  const [row] = await database.db.query<{ version: number; zone: string; bounds: (string | null)[] }>(
    statement(
      "test_settings",
      `SELECT current_setting('server_version_num')::int AS version, current_setting('TimeZone') AS zone,
         (SELECT array_agg(current_setting(name, true) ORDER BY n) FROM unnest($1::text[]) WITH ORDINALITY AS i(name, n)) AS bounds`,
    ),
    [names],
  );

  expect(row?.zone).toBe("UTC");
  // PostgreSQL has the last one from 17 on.
  expect(row?.bounds).toEqual(["5s", "30s", "10s", (row?.version ?? 0) >= 170000 ? "30s" : null]);
});

test("stats count connections and those who wait for one", async () => {
  await using database = await createTestDatabase({ poolMax: 2 });
  const { db } = database;
  expect(db.stats()).toEqual({ total: 0, idle: 0, waiting: 0, max: 2 });

  const running = [1, 2, 3].map(() => db.query(sleep, [0.1]));
  expect(db.stats()).toMatchObject({ total: 2, idle: 0, waiting: 1 });
  await Promise.all(running);
  expect(db.stats()).toEqual({ total: 2, idle: 2, waiting: 0, max: 2 });
});

test("without named statements nothing stays prepared in the session", async () => {
  await using database = await createTestDatabase();
  await using unnamed = await withDb(database.url, { namedStatements: false, poolMax: 1 });
  const prepared = statement<{ n: number }>("test_prepared", "SELECT count(*) AS n FROM pg_prepared_statements");
  await unnamed.db.prisma.user.findMany({ where: { status: "active" } });

  expect(await unnamed.db.query(prepared)).toEqual([{ n: 0 }]);
});

test("statements of both kinds stay prepared", async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const { db } = database;
  await db.prisma.user.findMany({ where: { status: "active" } });
  const names = statement<{ name: string }>("test_names", "SELECT name FROM pg_prepared_statements ORDER BY name");

  expect(await db.query(names)).toEqual([
    { name: expect.stringMatching(/^prisma_[0-9a-f]{24}$/) },
    { name: "test_names" },
  ]);
});

test("a connection that dies idle is replaced", async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  await using other = await withDb(database.url);
  const [before] = await database.db.query(pid);

  await other.db.query(terminate, [before?.pid]);
  // The notice of its death may come after the next query took it.
  const after = await database.db.query(pid).catch(() => database.db.query(pid));

  expect(after[0]?.pid).not.toBe(before?.pid);
});

test("close ends the pool, waits for what runs and may be called twice", async () => {
  await using database = await createTestDatabase();
  const db = createDb({ url: database.url });
  const running = db.query(pid);

  await Promise.all([db.close(), db.close()]);

  await expect(running).resolves.toHaveLength(1);
  await expect(db.query(pid)).rejects.toMatchObject({ name: "DbError", kind: "unavailable" });
});

async function withDb(url: string, options: { namedStatements?: boolean; poolMax?: number } = {}) {
  const db = createDb({ url, ...options });
  return { db, [Symbol.asyncDispose]: () => db.close() };
}

test("who gets no connection within 2 s is told so: none is free, or the server does not answer", async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const unreachable = createDb({ url: `postgresql://echo@127.0.0.1:${port}/echo` });
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const impatient = createDb({ url: database.url, poolMax: 1 });
  let isHeld = false;
  const holding = impatient.transaction(() => {
    isHeld = true;
    return held;
  });
  await vi.waitUntil(() => isHeld);

  for (const db of [impatient, unreachable]) {
    const startedMs = performance.now();
    const query = expect(db.ping()).rejects.toMatchObject({ kind: "unavailable" });
    const transaction = expect(
      db.transaction((tx) => tx.query(statement("test_one", "SELECT 1"))),
    ).rejects.toBeInstanceOf(DbError);
    await Promise.all([query, transaction]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  }
  release();
  await holding;
  await Promise.all([impatient.close(), unreachable.close()]);
  silent.close();
});
