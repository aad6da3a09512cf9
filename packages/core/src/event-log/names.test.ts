import { randomUUID } from "node:crypto";
import type { Db } from "@echo/db";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import type { Batch, LoggedEvent } from "./event-log.ts";
import { emitOnUserStreams } from "./insert-events.ts";
import { makeStreams, openLog, readAll } from "./test-log.ts";

const about = (streamId: string, data: Record<string, unknown> | null = null) => ({
  userId: streamId,
  event: { type: "test", actorId: null, refId: null, data },
});

const commitAll = (db: Db, events: ReturnType<typeof about>[]) => db.transaction((tx) => emitOnUserStreams(tx, events));

const sorted = (ids: Iterable<unknown>) => [...new Set(ids)].sort();
const usersOf = (events: readonly LoggedEvent[]) =>
  sorted(events.flatMap(({ data }) => (typeof data?.userId === "string" ? [data.userId] : [])));

test("each batch names exactly the streams and the people of its events, here and at others", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using writer = await openLog(db, { batchEvents: 7 });
  await using reader = await openLog(db);
  const heard = { here: [] as [number, Batch][], there: [] as [number, Batch][] };
  writer.log.onAdvance(({ position }, batch) => batch && heard.here.push([position, batch]));
  reader.log.onAdvance(({ position }, batch) => batch && heard.there.push([position, batch]));
  const streams = await makeStreams(db, 9);
  for (let round = 1; round <= 20; round += 1) {
    const some = streams.filter((_, index) => (index * round) % 4 < 2);
    await commitAll(
      db,
      some.map((id, index) => about(id, index % 3 ? null : { userId: randomUUID() })),
    );
    if (round % 3 === 0) await writer.log.appendNow();
  }
  await writer.log.appendNow();

  const events = await readAll(writer.log);
  await vi.waitFor(() => expect(heard.there.at(-1)?.[0]).toBe(events.length));
  expect(heard.here.length).toBeGreaterThan(10);
  expect(heard.here.map(([, { from }]) => from)).toEqual([0, ...heard.here.slice(0, -1).map(([to]) => to)]);
  for (const [to, { from, streamIds, userIds }] of [...heard.here, ...heard.there]) {
    const inBatch = events.slice(from, to);
    expect(sorted(streamIds)).toEqual(sorted(inBatch.map(({ streamId }) => streamId)));
    expect(sorted(userIds)).toEqual(usersOf(inBatch));
  }
});

test("data of any shape is appended, and names whom it can", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using process = await openLog(db);
  const [stream = ""] = await makeStreams(db, 1);
  const named: string[] = [];
  process.log.onAdvance((_, batch) => named.push(...(batch?.userIds ?? ["anybody"])));
  const insert = `INSERT INTO messages.event_new (stream_id, event_seq, type, data)
    SELECT $1, n, 'test', data FROM unnest($2::jsonb[]) WITH ORDINALITY AS d(data, n)`;
  const shapes = [
    "[]",
    "7",
    '"userId"',
    "null",
    '{"userId":7}',
    '{"userId":null}',
    '{"userId":{"a":1}}',
    '{"userId":"x"}',
  ];
  await db.query({ name: "", text: insert }, [stream, shapes]);

  await process.log.appendNow();

  expect(await readAll(process.log)).toHaveLength(shapes.length);
  expect(named.sort()).toEqual(["7", "x", '{"a": 1}']);
});

test("a reader of some streams gets their events, and the first position whosever it is", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using process = await openLog(db);
  const [mine = "", other = ""] = await makeStreams(db, 2);
  await commitAll(
    db,
    [other, mine, other, other, mine, mine, other].map((id) => about(id)),
  );
  await process.log.appendNow();
  const read = async (range: { from: number; to: number; limit: number }) =>
    (await process.log.read({ ...range, streamIds: [mine] })).map(({ position }) => position);

  expect(await read({ from: 0, to: 7, limit: 100 })).toEqual([1, 2, 5, 6]);
  expect(await read({ from: 1, to: 5, limit: 100 })).toEqual([2, 5]);
  expect(await read({ from: 0, to: 7, limit: 2 })).toEqual([1, 2]);
  expect(await process.log.read({ from: 6, to: 7, limit: 9, streamIds: [] })).toHaveLength(1);
});
