import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { type Db, statement } from "../db.ts";
import { migrate } from "./migrate.ts";
import { findMigrationsDir, readMigrations } from "./read-migrations.ts";
import { migrationsOf } from "./test-migrations.ts";

const name = "20261130000000_rollups_by_strides";

/** As the releases did that knew nothing of this one. */
async function migrateBefore(url: string): Promise<void> {
  const earlier = (await readMigrations(findMigrationsDir())).filter((migration) => migration.name < name);
  await using folder = await migrationsOf(Object.fromEntries(earlier.map(({ name, script }) => [name, script])));
  await migrate({ url, dir: folder.dir });
}

/** 09:45Z is half past another hour in Kolkata. */
const before = [
  `INSERT INTO messages.event_log (position, stream_id, event_seq, type, created_at, logged_at)
   SELECT position, gen_random_uuid(), 1, 'message.created', at::timestamptz, now()
   FROM (VALUES (4, '2026-11-29T09:45Z'), (5, '2026-11-29T12:30Z')) AS given(position, at)`,
  `INSERT INTO analytics.hourly_counts (hour, metric, count)
   SELECT at::timestamptz, 'messages', 7 FROM unnest(ARRAY['2026-11-29T08:00Z', '2026-11-29T09:00Z', '2026-11-29T12:00Z']) AS at`,
  `INSERT INTO analytics.hourly_senders (hour, user_id, messages)
   SELECT '2026-11-29T08:00Z', gen_random_uuid(), messages FROM unnest(ARRAY[7, 0]) AS messages`,
  "INSERT INTO analytics.hourly_senders VALUES ('2026-11-29T09:00Z', gen_random_uuid(), 7)",
  `INSERT INTO messages.queue_checkpoints (group_name, lane, topics, epoch, position)
   SELECT name, 0, '{messages}', 'e', 5 FROM unnest(ARRAY['rollups', 'other']) AS name`,
];

const read = <Row>(db: Db, text: string): Promise<Row[]> => db.query(statement<Row>("", text));

test("what the log still has is counted anew, and hours from before it stay", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const { url, db } = database;
  await migrateBefore(url);
  for (const text of before) await db.query(statement("", text));
  const databaseName = decodeURIComponent(new URL(url).pathname.slice(1));
  await db.query(statement("", `ALTER DATABASE "${databaseName}" SET timezone = 'Asia/Kolkata'`));

  expect(await migrate({ url })).toContain(name);

  const kept = { hour: new Date("2026-11-29T08:00Z"), since_position: -1 };
  expect(await read(db, "SELECT hour, count, since_position FROM analytics.hourly_counts")).toEqual([
    { ...kept, count: 7 },
  ]);
  expect(await read(db, "SELECT hour, since_position FROM analytics.hourly_senders")).toEqual([kept]);
  expect(await read(db, "SELECT group_name, rewind_to FROM messages.queue_checkpoints ORDER BY 1")).toEqual([
    { group_name: "other", rewind_to: null },
    { group_name: "rollups", rewind_to: 0 },
  ]);
});
