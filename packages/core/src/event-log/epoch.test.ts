import { readFile } from "node:fs/promises";
import { createDb, type Db } from "@echo/db";
import { createTestDatabase } from "@echo/testing/database";
import { expect, inject, test, vi } from "vitest";
import type { LogHead } from "./event-log.ts";
import { commit, makeStreams, openLog, readAll, write } from "./test-log.ts";

const epochs = {
  name: "test_epochs",
  text: `SELECT epoch, first_position AS "firstPosition", reason FROM messages.log_epochs ORDER BY created_at, first_position`,
};
const run = (db: Db, text: string) => db.query({ name: "", text });

async function asAdmin(...statements: string[]): Promise<void> {
  const admin = createDb({ url: inject("postgres").adminUrl, poolMax: 1 });
  try {
    for (const text of statements) await run(admin, text);
  } finally {
    await admin.close();
  }
}

const nameIn = (url: string) => new URL(url).pathname.slice(1);

/** A database with `events` events, which nobody is connected to any more, and a copy of it. */
async function databaseAndCopy(events: number) {
  const database = await createTestDatabase();
  const [stream = ""] = await makeStreams(database.db, 1);
  const process = await openLog(database.db);
  for (let n = 0; n < events; n++) await commit(database.db, stream);
  await process.log.appendNow();
  const { epoch } = await process.log.head();
  await process[Symbol.asyncDispose]();
  await database.db.close();
  const name = nameIn(database.url);
  await asAdmin(`CREATE DATABASE ${name}_copy OWNER ${inject("postgres").role} TEMPLATE ${name} STRATEGY file_copy`);
  return {
    stream,
    epoch,
    name,
    url: database.url,
    copyUrl: Object.assign(new URL(database.url), { pathname: `${name}_copy` }).href,
    async [Symbol.asyncDispose]() {
      await asAdmin(`DROP DATABASE IF EXISTS ${name}_copy WITH (FORCE)`);
      await database[Symbol.asyncDispose]();
    },
  };
}

/** As `openLog`, with a pool of its own. */
async function openProcess(url: string) {
  const db = createDb({ url, poolMax: 3 });
  const { log, bus, [Symbol.asyncDispose]: dispose } = await openLog(db);
  return {
    db,
    log,
    bus,
    async [Symbol.asyncDispose]() {
      await dispose();
      await db.close();
    },
  };
}

test("a database that was just migrated keeps the epoch of its migration, whoever looks first", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const before = await db.query(epochs);

  await using one = await openLog(db);
  await using two = await openLog(db);

  const head: LogHead = { epoch: String((before[0] as { epoch: string }).epoch), position: 0, floor: 0 };
  expect(await one.log.head()).toEqual(head);
  expect(await two.log.head()).toEqual(head);
  expect(await db.query(epochs)).toEqual(before);
});

test("a copy of a database has an epoch of its own, which begins where the copy was made; the original keeps its", async () => {
  await using databases = await databaseAndCopy(3);
  const opened = await Promise.all([openProcess(databases.copyUrl), openProcess(databases.copyUrl)]);
  await using one = opened[0];
  await using two = opened[1];
  await using original = await openProcess(databases.url);

  const { epoch } = await one.log.head();
  expect(epoch).not.toBe(databases.epoch);
  expect((await two.log.head()).epoch).toBe(epoch);
  expect((await original.log.head()).epoch).toBe(databases.epoch);
  expect(await one.db.query(epochs)).toEqual([
    { epoch: databases.epoch, firstPosition: 0, reason: "created" },
    { epoch, firstPosition: 3, reason: "another database" },
  ]);

  await commit(one.db, databases.stream);
  await one.log.appendNow();
  expect((await readAll(two.log)).map((event) => [event.epoch, event.position])).toEqual(
    [1, 2, 3, 4].map((position) => [epoch, position]),
  );
});

test("a database that is put back under running processes is noticed, and listeners get the new epoch", async () => {
  await using databases = await databaseAndCopy(3);
  const { name, stream } = databases;
  await using one = await openProcess(databases.url);
  await using two = await openProcess(databases.url);
  const heard: LogHead[] = [];
  one.log.onAdvance((head) => heard.push(head));
  two.log.onAdvance((head) => heard.push(head));

  await asAdmin(
    `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    `DROP DATABASE ${name} WITH (FORCE)`,
    `ALTER DATABASE ${name}_copy RENAME TO ${name}`,
  );
  await vi.waitUntil(() => heard.length >= 2, { timeout: 15_000 });

  const [head] = heard;
  expect(head).toMatchObject({ position: 3 });
  expect(head?.epoch).not.toBe(databases.epoch);
  expect(heard).toEqual([head, head]);
  await commit(two.db, stream);
  await two.log.appendNow();
  await vi.waitUntil(() => heard.length >= 4);
  expect(heard.slice(2)).toEqual([
    { ...head, position: 4 },
    { ...head, position: 4 },
  ]);
});

test("a log that goes back within its database begins one new epoch, whoever notices", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using one = await openLog(db);
  await using two = await openLog(db);
  const heard: LogHead[] = [];
  one.log.onAdvance((head) => heard.push(head));
  two.log.onAdvance((head) => heard.push(head));
  const [stream = ""] = await makeStreams(db, 1);
  await db.transaction((tx) => write(tx, stream).then(() => write(tx, stream)));
  await one.log.appendNow();
  await vi.waitUntil(() => heard.length === 2);
  const before = await one.log.head();
  heard.length = 0;

  await run(
    db,
    "WITH gone AS (DELETE FROM messages.event_log WHERE position > 1) UPDATE messages.log_head SET position = 1",
  );
  await vi.waitUntil(() => heard.length >= 2, { timeout: 5_000 });

  const head = await one.log.head();
  expect(head).toMatchObject({ position: 1, floor: 0 });
  expect(head.epoch).not.toBe(before.epoch);
  expect(heard).toEqual([head, head]);
  expect(await db.query(epochs)).toEqual([
    { epoch: before.epoch, firstPosition: 0, reason: "created" },
    { epoch: head.epoch, firstPosition: 1, reason: "went back" },
  ]);
});

test("tables that were restored into the same database begin a new epoch", async () => {
  await using database = await createTestDatabase();
  const before = await openProcess(database.url);
  const { epoch } = await before.log.head();
  await before[Symbol.asyncDispose]();

  await database.db.transaction(async (tx) => {
    for (const text of [
      "CREATE TABLE messages.log_head_restored (LIKE messages.log_head INCLUDING ALL)",
      "INSERT INTO messages.log_head_restored SELECT * FROM messages.log_head",
      "DROP TABLE messages.log_head",
      "ALTER TABLE messages.log_head_restored RENAME TO log_head",
    ])
      await tx.query({ name: "", text });
  });

  await using after = await openProcess(database.url);
  expect((await after.log.head()).epoch).not.toBe(epoch);
});

test("an announcement of another epoch is not believed: the database is asked", async () => {
  await using database = await createTestDatabase();
  await using process = await openLog(database.db);
  const { log, bus } = process;
  const before = await log.head();
  const heard: LogHead[] = [];
  log.onAdvance((head) => heard.push(head));
  const [stream = ""] = await makeStreams(database.db, 1);

  await bus.publish("log", { v: 1, epoch: "of-before", position: 99 });
  await bus.publish("log", { v: 2, anything: true });
  await bus.publish("log", "nonsense");
  await commit(database.db, stream);
  await log.appendNow();

  await vi.waitUntil(() => heard.length > 0);
  expect(heard).toEqual([{ ...before, position: 1 }]);
});

test("a copy of the files, which nothing tells apart, begins a new epoch by the line that the operator's page has", async () => {
  await using database = await createTestDatabase();
  const before = await openProcess(database.url);
  const { epoch, position } = await before.log.head();
  await before[Symbol.asyncDispose]();
  const page = await readFile(new URL("../../../../docs/operate.md", import.meta.url), "utf8");
  const line = page.split("\n").find((each) => each.trim().startsWith("UPDATE messages.log_head")) ?? "";

  await run(database.db, line);

  await using after = await openProcess(database.url);
  const head = await after.log.head();
  expect(head).toMatchObject({ position });
  expect(head.epoch).not.toBe(epoch);
});
