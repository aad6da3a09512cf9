import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { type Db, statement } from "./db.ts";
import { findMigrationsDir, readMigrations } from "./migrate/read-migrations.ts";

const send = statement<{ status: string; seq: number; event_seq: number }>(
  "test_send",
  `SELECT status, seq, event_seq FROM messages.send_message($1, $2, $3, '\\x01', gen_random_uuid(), 'text', '{"text": "hi"}', NULL, NULL, '[]', $4, '{}')`,
);
const mark = statement<{ ordinal: number; status: string }>(
  "test_mark",
  "SELECT ordinal, status FROM messages.mark($1, $2, $3, $4, $5) ORDER BY ordinal",
);
const append = statement<{ from: number; to: number }>(
  "test_append",
  `SELECT from_position AS "from", to_position AS "to" FROM messages.log_append($1)`,
);
const log = statement<{ position: number; stream_id: string; event_seq: number; type: string }>(
  "test_log",
  "SELECT position, stream_id, event_seq, type FROM messages.event_log ORDER BY position",
);
const streams = statement<{ user_id: string; event_seq: number }>(
  "test_streams",
  "SELECT user_id, event_seq FROM messages.user_streams",
);

/** A group of people whose streams nobody has made yet. */
async function conversationOf(db: Db, count: number): Promise<{ id: string; people: string[] }> {
  const [row] = await db.query(
    statement<{ id: string; people: string[] }>(
      "test_conversation",
      `WITH people AS (INSERT INTO auth.users (id, email, email_normalized)
         SELECT id, id, id FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $1)) AS new RETURNING id),
       conversation AS (INSERT INTO messages.conversations (id, type, event_seq) VALUES (gen_random_uuid(), 'group', 1) RETURNING id),
       members AS (INSERT INTO messages.conversation_participants (conversation_id, user_id, spans)
         SELECT conversation.id, people.id, '{[1,)}' FROM conversation, people)
       SELECT conversation.id, array_agg(people.id) AS people FROM conversation, people GROUP BY conversation.id`,
    ),
    [count],
  );
  if (!row) throw new Error("no row");
  return row;
}

test("somebody mentioned twice is a member once; a stranger among them is refused", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { id, people } = await conversationOf(db, 2);
  const [ada, bob] = people;

  const [twice] = await db.query(send, [id, ada, "a", [bob, bob]]);
  const [stranger] = await db.query(send, [id, ada, "b", [bob, crypto.randomUUID()]]);
  const [nobody] = await db.query(send, [id, ada, "c", []]);

  expect([twice?.status, stranger?.status, nobody?.status]).toEqual(["OK", "MENTION_NOT_MEMBER", "OK"]);
});

test("last activity never goes back, whatever a clock says", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { id, people } = await conversationOf(db, 1);
  const ahead = new Date(Date.now() + 60_000);
  await db.prisma.conversation.update({ where: { id }, data: { lastActivityAt: ahead } });

  await db.query(send, [id, people[0], "a", []]);

  expect(await db.prisma.conversation.findUnique({ where: { id } })).toMatchObject({
    lastSeq: 1,
    lastActivityAt: ahead,
  });
});

test("reads of one person in several conversations come in order on his stream, which is made when it is missing", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const made = [await conversationOf(db, 1), await conversationOf(db, 1), await conversationOf(db, 1)];
  const ada = made[0]?.people[0];
  for (const { id, people } of made) {
    await db.query(send, [id, people[0], "a", []]);
    if (people[0] === ada) continue;
    await db.query(
      statement(
        "test_join",
        "INSERT INTO messages.conversation_participants (conversation_id, user_id, spans) VALUES ($1, $2, '{[1,)}')",
      ),
      [id, ada],
    );
  }
  const ids = made.map(({ id }) => id);

  const answers = await db.query(mark, [
    ids,
    ids.map(() => ada),
    ids.map(() => "read"),
    [1, 1, 1],
    ids.map(() => null),
  ]);
  await db.query(append, [100]);

  expect(answers.map(({ status }) => status)).toEqual(["MOVED", "MOVED", "MOVED"]);
  expect(await db.query(streams)).toEqual([{ user_id: ada, event_seq: 3 }]);
  const own = (await db.query(log)).filter(({ stream_id }) => stream_id === ada);
  expect(own.map(({ event_seq, type }) => [event_seq, type])).toEqual(
    [1, 2, 3].map((seq) => [seq, "conversation.read"]),
  );
});

test("a mark of somebody who never was there makes no stream and harms nobody in its batch", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { id, people } = await conversationOf(db, 1);
  await db.query(send, [id, people[0], "a", []]);
  const stranger = crypto.randomUUID();

  const answers = await db.query(mark, [
    [id, id],
    [stranger, people[0]],
    ["read", "read"],
    [1, 1],
    [null, null],
  ]);

  expect(answers.map(({ status }) => status)).toEqual(["NOT_FOUND", "MOVED"]);
  expect(await db.query(streams)).toEqual([{ user_id: people[0], event_seq: 1 }]);
});

test("marks of many people in any order, twice at once, meet no deadlock and move each watermark once", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { id, people } = await conversationOf(db, 40);
  await db.query(send, [id, people[0], "a", []]);
  const call = (users: string[]) =>
    db.query(mark, [users.map(() => id), users, users.map(() => "read"), users.map(() => 1), users.map(() => null)]);

  const answers = (
    await Promise.all([call(people), call(people.toReversed()), call(people), call(people.toReversed())])
  ).flat();

  expect(answers.filter(({ status }) => status === "MOVED")).toHaveLength(40);
  expect(answers.filter(({ status }) => status === "STALE")).toHaveLength(120);
  expect((await db.query(streams)).every(({ event_seq }) => event_seq === 1)).toBe(true);
});

test("positions are contiguous over batches, and keep the order of a stream", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { id, people } = await conversationOf(db, 4);
  await Promise.all(
    people.flatMap((person) => [1, 2, 3, 4, 5].map((n) => db.query(send, [id, person, `${person}-${n}`, []]))),
  );

  const ranges = [
    await db.query(append, [7]),
    await db.query(append, [7]),
    await db.query(append, [7]),
    await db.query(append, [7]),
  ].flat();

  expect(ranges).toEqual([
    { from: 0, to: 7 },
    { from: 7, to: 14 },
    { from: 14, to: 20 },
    { from: 20, to: 20 },
  ]);
  const rows = await db.query(log);
  expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  expect(rows.map(({ event_seq }) => event_seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
});

test("a process that knows of no names goes on appending while log_append is replaced under it", async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const { db } = database;
  const { id, people } = await conversationOf(db, 1);
  const migrations = await readMigrations(findMigrationsDir());
  const definitions = migrations.flatMap(
    ({ script }) => /CREATE FUNCTION messages\.log_append\([\s\S]*?END \$f\$/.exec(script)?.slice(0, 1) ?? [],
  );
  const become = async (definition = "") => {
    await db.query(statement("", "DROP FUNCTION messages.log_append(integer)"));
    await db.query(statement("", definition));
  };
  expect(definitions).toHaveLength(2);

  await become(definitions[0]);
  await db.query(send, [id, people[0], "a", []]);
  expect(await db.query(append, [10])).toEqual([{ from: 0, to: 1 }]);
  await become(definitions[1]);
  for (const clientMessageId of ["b", "c"]) await db.query(send, [id, people[0], clientMessageId, []]);

  expect(await db.query(append, [10])).toEqual([{ from: 1, to: 3 }]);
  expect(await db.query(append, [10])).toEqual([{ from: 3, to: 3 }]);
});
