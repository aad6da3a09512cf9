import { setTimeout as pause } from "node:timers/promises";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import type { LoggedEvent } from "./event-log.ts";
import { emitOnUserStreams, insertEvents } from "./insert-events.ts";
import { commit, deferred, makeStreams, muted, openLog, readAll, upTo, write } from "./test-log.ts";

const positionsOf = (events: readonly LoggedEvent[]) => events.map(({ position }) => position);

/** Each stream's event_seqs as the log has them. */
function seqsByStream(events: readonly LoggedEvent[]): Map<string, number[]> {
  const seqs = new Map<string, number[]>();
  for (const { streamId, eventSeq } of events) seqs.set(streamId, [...(seqs.get(streamId) ?? []), eventSeq]);
  return seqs;
}

class RolledBack extends Error {}

test("32 writers with long transactions and rollbacks, and two appenders: each committed event once, in order", async () => {
  await using database = await createTestDatabase({ poolMax: 40 });
  const { db } = database;
  await using one = await openLog(db);
  await using two = await openLog(db);
  const streams = await makeStreams(db, 5);
  const committed = new Map<string, { after: string | null }>();
  let latest: string | null = null;

  async function transact(writer: number, round: number) {
    const id = `${writer}.${round}`;
    const isRolledBack = (writer + round) % 5 === 0;
    // What is committed before this transaction begins is a cause of it.
    const after = latest;
    const streamId = streams[(writer * 7 + round) % streams.length] ?? "";
    const work = db.transaction(async (tx) => {
      await write(tx, streamId, { id });
      await pause((writer * round) % 9);
      if (isRolledBack) throw new RolledBack();
    });
    await work.catch((error: unknown) => expect(error).toBeInstanceOf(RolledBack));
    if (isRolledBack) return;
    committed.set(id, { after });
    latest = id;
    (writer % 2 ? one : two).log.appendSoon();
  }
  await Promise.all(
    upTo(32).map(async (writer) => {
      for (const round of upTo(12)) await transact(writer, round);
    }),
  );
  await Promise.all([one.log.appendNow(), two.log.appendNow()]);

  const events = await readAll(one.log);
  expect(events).toHaveLength(committed.size);
  expect(positionsOf(events)).toEqual(upTo(events.length));
  expect(new Set(events.map(({ data }) => data?.id))).toEqual(new Set(committed.keys()));
  for (const seqs of seqsByStream(events).values()) expect(seqs).toEqual(upTo(seqs.length));
  const positionOf = new Map(events.map(({ position, data }) => [data?.id, position]));
  const early = [...committed].filter(
    ([id, { after }]) => after && (positionOf.get(after) ?? 0) > (positionOf.get(id) ?? 0),
  );
  expect(early).toEqual([]);
});

test("transactions that commit in the reverse of their order are all read, by a reader that never looks back", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using process = await openLog(db);
  const { log } = process;
  const streams = await makeStreams(db, 3);
  const written: string[] = [];
  const read: unknown[] = [];
  let checkpoint = 0;
  async function readOn() {
    await log.appendNow();
    const { position } = await log.head();
    for (const { data } of await log.read({ from: checkpoint, to: position, limit: 100 })) read.push(data?.id);
    checkpoint = position;
  }
  const begin = (id: string, streamId: string) => {
    const commits = deferred();
    const work = db.transaction(async (tx) => {
      await write(tx, streamId, { id });
      written.push(id);
      await commits.promise;
    });
    return {
      commit() {
        commits.resolve();
        return work;
      },
    };
  };

  const open: ReturnType<typeof begin>[] = [];
  for (const [index, streamId] of streams.entries()) {
    open.push(begin(`${index}`, streamId));
    await vi.waitUntil(() => written.length === index + 1);
  }
  for (const transaction of open.toReversed()) {
    await transaction.commit();
    await readOn();
  }

  expect(written).toEqual(["0", "1", "2"]);
  expect(read).toEqual(["2", "1", "0"]);
});

test("more than a batch that waits is appended by one call, and announced batch by batch", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const announced: unknown[] = [];
  await using process = await openLog(db, {
    batchEvents: 10,
    wrapBus: (bus) => ({ ...bus, publish: async (_, payload) => void announced.push(payload) }),
  });
  const [stream = ""] = await makeStreams(db, 1);
  const event = { type: "test", actorId: null, refId: null, data: null };
  await db.transaction((tx) =>
    emitOnUserStreams(
      tx,
      Array.from({ length: 25 }, () => ({ userId: stream, event })),
    ),
  );

  await process.log.appendNow();

  const { epoch, position } = await process.log.head();
  expect(position).toBe(25);
  const streams = [Buffer.from(stream.replaceAll("-", ""), "hex").toString("base64url")];
  const batches = [
    [0, 10],
    [10, 20],
    [20, 25],
  ];
  expect(announced).toEqual(batches.map(([from, to]) => ({ v: 1, epoch, position: to, from, streams, users: [] })));
});

test("an event is appended and announced once, however often the append is asked for", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using writer = await openLog(db);
  await using reader = await openLog(db);
  const [stream = ""] = await makeStreams(db, 1);
  const heard: number[] = [];
  reader.log.onAdvance(({ position }) => heard.push(position));
  await commit(db, stream);

  for (let call = 0; call < 50; call++) writer.log.appendSoon();

  await vi.waitUntil(() => heard.length > 0);
  await Promise.all([writer.log.appendNow(), reader.log.appendNow()]);
  expect(await readAll(reader.log)).toHaveLength(1);
  expect(heard).toEqual([1]);
});

test("a reader whose announcements are all lost has the event within 2 s", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using writer = await openLog(db, { wrapBus: muted });
  await using reader = await openLog(db, { wrapBus: muted });
  const [stream = ""] = await makeStreams(db, 1);
  const heard = deferred<number>();
  reader.log.onAdvance(({ position }) => heard.resolve(position));
  await commit(db, stream);

  const sentAt = performance.now();
  writer.log.appendSoon();

  expect(await heard.promise).toBe(1);
  expect(performance.now() - sentAt).toBeLessThan(2_000);
});

test("what a transaction wrote on several streams keeps its order, in the log and in each stream", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using process = await openLog(db);
  const [ada = "", bob = "", group = ""] = await makeStreams(db, 3);
  const event = (type: string, data: Record<string, unknown> | null = null) => ({
    type,
    actorId: ada,
    refId: group,
    data,
  });
  await db.transaction(async (tx) => {
    await insertEvents(tx, { id: group, firstEventSeq: 5 }, [event("a"), { ...event("b"), audienceUserId: bob }]);
    await emitOnUserStreams(tx, [
      { userId: bob, event: event("c", { text: `quotes ' " \\ , {} and ünïcode` }) },
      { userId: ada, event: event("d", { list: [1, null, "x"] }) },
      { userId: bob, event: event("e") },
    ]);
    await insertEvents(tx, { id: group, firstEventSeq: 7 }, []);
    await emitOnUserStreams(tx, []);
  });
  await db.transaction((tx) => emitOnUserStreams(tx, [{ userId: bob, event: event("f") }]));

  await process.log.appendNow();

  const { epoch } = await process.log.head();
  const events = await readAll(process.log);
  const brief = events.map(({ type, streamId, eventSeq, audienceUserId }) => [
    type,
    streamId,
    eventSeq,
    audienceUserId,
  ]);
  expect(brief).toEqual([
    ["a", group, 5, null],
    ["b", group, 6, bob],
    ["c", bob, 1, null],
    ["d", ada, 1, null],
    ["e", bob, 2, null],
    ["f", bob, 3, null],
  ]);
  expect(events.map(({ data }) => data)).toEqual([
    null,
    null,
    { text: `quotes ' " \\ , {} and ünïcode` },
    { list: [1, null, "x"] },
    null,
    null,
  ]);
  expect(events[0]).toMatchObject({ epoch, position: 1, actorId: ada, refId: group });
  expect(events[0]?.loggedAt.getTime()).toBeGreaterThanOrEqual(events[0]?.createdAt.getTime() ?? Number.NaN);
});

test("two transactions that name the same people in another order both pass, and a missing stream is made", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using process = await openLog(db);
  const streams = await makeStreams(db, 20);
  await db.query({ name: "test_forget_streams", text: "DELETE FROM messages.user_streams" });
  const emit = (userIds: string[]) => {
    const event = { type: "test", actorId: null, refId: null, data: null };
    return db.transaction((tx) =>
      emitOnUserStreams(
        tx,
        userIds.map((userId) => ({ userId, event })),
      ),
    );
  };

  await Promise.all(upTo(10).map((round) => emit(round % 2 ? streams : streams.toReversed())));
  await process.log.appendNow();

  const seqs = seqsByStream(await readAll(process.log));
  expect(seqs.size).toBe(20);
  for (const each of seqs.values()) expect(each).toEqual(upTo(10));
});

test("a listener that throws or has stopped disturbs nobody", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await using process = await openLog(db);
  const [stream = ""] = await makeStreams(db, 1);
  const heard: string[] = [];
  process.log.onAdvance(() => {
    heard.push("bad");
    throw new Error("a fault of a listener");
  });
  const stop = process.log.onAdvance(() => heard.push("stopped"));
  process.log.onAdvance(() => heard.push("good"));
  stop();
  await commit(db, stream);

  await process.log.appendNow();

  expect(heard).toEqual(["bad", "good"]);
});

test("without a database appending in the background says nothing and breaks nothing", async () => {
  await using database = await createTestDatabase();
  const process = await openLog(database.db);
  await process[Symbol.asyncDispose]();
  await database.db.close();

  process.log.appendSoon();

  await expect(process.log.appendNow()).rejects.toMatchObject({ name: "DbError", kind: "unavailable" });
});
