import type { Db } from "@echo/db";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import { dropPartitions, makePartitions } from "./partitions.ts";
import { commit, deferred, makeStreams, openLog, upTo, write } from "./test-log.ts";

const run = <Row = never>(db: Db, text: string) => db.query<Row>({ name: "", text });

const small = { batchEvents: 10, partitionSize: 10, logDays: 7 };

/** Partitions of `size` positions, so that a few events fill one. */
async function databaseWithPartitionsOf(size: number) {
  const database = await createTestDatabase({ poolMax: 20 });
  const { db } = database;
  await run(db, "DROP TABLE messages.event_log_1");
  await run(
    db,
    `CREATE TABLE messages.event_log_1 PARTITION OF messages.event_log FOR VALUES FROM (1) TO (${size + 1})`,
  );
  const [stream = ""] = await makeStreams(db, 1);
  return {
    db,
    stream,
    /** Commits so many events. */
    fill: (events: number) =>
      db.transaction(async (tx) => {
        for (let n = 0; n < events; n++) await write(tx, stream);
      }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Makes the events up to `position` so many days older. */
const age = (db: Db, position: number, days: number) =>
  run(
    db,
    `UPDATE messages.event_log SET logged_at = logged_at - interval '${days} days' WHERE position <= ${position}`,
  );

async function tablesOf(db: Db): Promise<string[]> {
  const text = `SELECT c.relname || CASE WHEN i.inhrelid IS NULL THEN ' loose' WHEN i.inhdetachpending THEN ' detaching' ELSE '' END AS name
    FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
    WHERE c.relkind = 'r' AND c.relname ~ '^event_log_' ORDER BY length(c.relname), c.relname`;
  return (await run<{ name: string }>(db, text)).map(({ name }) => name);
}

const firstOf = async (db: Db, count: number) => (await tablesOf(db)).slice(0, count);
const floorOf = async (db: Db) => (await run<{ floor: number }>(db, "SELECT floor FROM messages.log_head"))[0]?.floor;

test("the log rolls over into partitions made ahead, and old ones go, while readers and writers run", async () => {
  await using database = await databaseWithPartitionsOf(100);
  const { db } = database;
  await using one = await openLog(db, { ...small, partitionSize: 100, careEveryMs: 20 });
  await using two = await openLog(db, { ...small, partitionSize: 100, careEveryMs: 30 });
  const streams = await makeStreams(db, 8);
  const eventsPerWriter = 200;
  const last = streams.length * eventsPerWriter;
  const isRead = deferred();
  const seen: number[] = [];
  let reading = Promise.resolve();
  async function readOn(position: number) {
    const events = await two.log.read({ from: seen.length, to: position, limit: 1_000 });
    seen.push(...events.map((event) => event.position));
    if (seen.length === last) isRead.resolve();
    // What was read is made old at once, so that partitions go behind the reader.
    await age(db, seen.length, 8);
  }
  two.log.onAdvance(({ position }) => {
    reading = reading.then(() => readOn(position));
  });

  await Promise.all(
    streams.map(async (stream) => {
      for (let n = 0; n < eventsPerWriter; n += 10) {
        await db.transaction(async (tx) => {
          for (let k = 0; k < 10; k++) await write(tx, stream);
        });
        one.log.appendSoon();
      }
    }),
  );
  await isRead.promise;
  await vi.waitUntil(async () => (await tablesOf(db))[0] === `event_log_${last + 1}`, { timeout: 20_000 });

  expect(seen).toEqual(upTo(last));
  expect(await one.log.head()).toMatchObject({ position: last, floor: last });
});

test("only full partitions whose last event is older than the days kept are dropped, oldest first", async () => {
  await using database = await databaseWithPartitionsOf(10);
  const { db } = database;
  await using process = await openLog(db, small);
  await database.fill(35);
  await process.log.appendNow();

  await age(db, 35, 6.9);
  await dropPartitions(db, 7);
  expect(await floorOf(db)).toBe(0);

  // Positions 1 to 19 are now more than seven days old, 20 is not.
  await age(db, 19, 0.2);
  await dropPartitions(db, 7);
  expect(await floorOf(db)).toBe(10);
  expect(await firstOf(db, 2)).toEqual(["event_log_11", "event_log_21"]);

  // The one that is being written stays, however old its events are.
  await age(db, 35, 30);
  await dropPartitions(db, 7);
  expect(await floorOf(db)).toBe(30);
  expect(await firstOf(db, 2)).toEqual(["event_log_31", "event_log_41"]);
  const left = await process.log.read({ from: 0, to: 35, limit: 100 });
  expect(left.map(({ position }) => position)).toEqual([31, 32, 33, 34, 35]);
});

test("a partition goes without keeping anybody waiting, also while somebody reads it in a long transaction", async () => {
  await using database = await databaseWithPartitionsOf(10);
  const { db } = database;
  await using process = await openLog(db, small);
  await database.fill(25);
  await process.log.appendNow();
  await age(db, 10, 8);
  const mayEnd = deferred();
  const hasRead = deferred();
  const readOld = {
    name: "test_read_old",
    text: "SELECT count(*) AS events FROM messages.event_log WHERE position <= 10",
  };
  const reader = db.transaction(async (tx) => {
    const before = await tx.query<{ events: number }>(readOld);
    hasRead.resolve();
    await mayEnd.promise;
    return before[0]?.events;
  });
  await hasRead.promise;

  const dropping = dropPartitions(db, 7);
  await vi.waitUntil(async () => (await tablesOf(db))[0] === "event_log_1 detaching");
  await database.fill(10);
  await process.log.appendNow();
  const page = await process.log.read({ from: 10, to: 35, limit: 100 });
  expect(page).toHaveLength(25);
  expect(await floorOf(db)).toBe(10);

  mayEnd.resolve();
  expect(await reader).toBe(10);
  await dropping;
  expect(await firstOf(db, 1)).toEqual(["event_log_11"]);
});

test.each([
  { state: "with its floor raised", killed: "UPDATE messages.log_head SET floor = 10" },
  { state: "detached", killed: "ALTER TABLE messages.event_log DETACH PARTITION messages.event_log_1" },
])("a partition that a killed process left $state is gone after the next run", async ({ killed }) => {
  await using database = await databaseWithPartitionsOf(10);
  const { db } = database;
  await using process = await openLog(db, small);
  await database.fill(15);
  await process.log.appendNow();
  await age(db, 10, 8);
  await run(db, "UPDATE messages.log_head SET floor = 10");
  await run(db, killed);

  await dropPartitions(db, 7);

  expect(await firstOf(db, 1)).toEqual(["event_log_11"]);
  expect(await floorOf(db)).toBe(10);
});

test("a partition whose DETACH was killed half-way is gone after the next run", async () => {
  await using database = await databaseWithPartitionsOf(10);
  const { db } = database;
  await using process = await openLog(db, small);
  await database.fill(15);
  await process.log.appendNow();
  await age(db, 10, 8);
  const mayEnd = deferred();
  const hasRead = deferred();
  const reader = db.transaction(async (tx) => {
    await tx.query({ name: "", text: "SELECT FROM messages.event_log LIMIT 1" });
    hasRead.resolve();
    await mayEnd.promise;
  });
  await hasRead.promise;
  const dropping = dropPartitions(db, 7);
  const killed = expect(dropping).rejects.toMatchObject({ name: "DbError" });
  await vi.waitUntil(async () => (await tablesOf(db))[0] === "event_log_1 detaching");
  await run(
    db,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%DETACH%' AND pid <> pg_backend_pid()",
  );
  await killed;
  mayEnd.resolve();
  await reader;
  expect(await firstOf(db, 1)).toEqual(["event_log_1 detaching"]);

  await dropPartitions(db, 7);

  expect(await firstOf(db, 1)).toEqual(["event_log_11"]);
});

test("a table below the floor that is no partition of ours any more is dropped, one above it is not", async () => {
  await using database = await databaseWithPartitionsOf(10);
  const { db } = database;
  await run(db, "CREATE TABLE messages.event_log_500 (LIKE messages.event_log)");

  await dropPartitions(db, 7);

  expect(await tablesOf(db)).toEqual(["event_log_1", "event_log_500 loose"]);
});

test("several processes that make or drop partitions at once make and drop each once", async () => {
  await using database = await databaseWithPartitionsOf(10);
  const { db } = database;

  const ends = await Promise.all(upTo(5).map(() => makePartitions(db, 0, { size: 10, room: 25 })));
  expect(ends).toEqual([51, 51, 51, 51, 51]);
  expect(await tablesOf(db)).toEqual(["event_log_1", "event_log_11", "event_log_21", "event_log_31", "event_log_41"]);

  await using process = await openLog(db, small);
  await database.fill(25);
  await process.log.appendNow();
  await age(db, 25, 8);
  await Promise.all(upTo(5).map(() => dropPartitions(db, 7)));
  expect(await firstOf(db, 2)).toEqual(["event_log_21", "event_log_31"]);
  expect(await floorOf(db)).toBe(20);
});

test("an append that finds no partition makes one", async () => {
  await using database = await databaseWithPartitionsOf(10);
  const { db } = database;
  await using process = await openLog(db, small);
  for (const name of (await tablesOf(db)).slice(1)) await run(db, `DROP TABLE messages.${name}`);
  await database.fill(15);

  await process.log.appendNow();

  expect((await process.log.head()).position).toBe(15);
});

test("partitions have what the log has: its key, its index and its bounds", async () => {
  await using database = await databaseWithPartitionsOf(10);
  const { db, stream } = database;
  await using process = await openLog(db, small);
  await commit(db, stream);
  await process.log.appendNow();

  const indexes = await run<{ table: string; of: string }>(
    db,
    `SELECT tablename AS table, string_agg(regexp_replace(indexdef, '^.* USING ', ''), ', ' ORDER BY indexdef LIKE '%UNIQUE%' DESC) AS of
     FROM pg_indexes WHERE schemaname = 'messages' AND tablename IN ('event_log', 'event_log_11') GROUP BY tablename`,
  );
  expect(indexes).toHaveLength(2);
  for (const { of } of indexes) expect(of).toBe('btree ("position"), btree (stream_id, "position")');
});
