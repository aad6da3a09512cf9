import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Core } from "../core.ts";
import { createTestCore, eventsOf, textTo } from "../test-core.ts";
import { sendMessage } from "./index.ts";

test("a send writes as many rows into a channel of 100,000 as into one of two", async () => {
  await using database = await createTestDatabase();
  await using echo = await createTestCore(database.url);
  const { core } = echo;
  const { ada, bob } = await echo.people("ada", "bob");
  const { id } = await createConversation(core, ada, { type: "channel", memberIds: [bob.userId] });
  const small = await rowsWritten(core, (within) => sendMessage(within, ada, textTo(id, "to two")));
  await core.db.query({ name: "test_insert_crowd", text: insertCrowd }, [id, 100_000]);
  expect(await createdEvents(core, id)).toBe(1);

  const large = await rowsWritten(core, (within) => sendMessage(within, ada, textTo(id, "to 100,000")));

  expect(large).toEqual(small);
  expect(large).toEqual({ conversations: [0, 1, 0], event_new: [1, 0, 0], messages: [1, 0, 0] });
  expect(await createdEvents(core, id)).toBe(2);
});

async function createdEvents(core: Core, streamId: string): Promise<number> {
  return (await eventsOf(core, streamId)).filter(({ type }) => type === "message.created").length;
}

/** Rows inserted, updated and deleted, by table. */
type Writes = Record<string, number[]>;

/** What the work writes, as PostgreSQL counts it for the transaction that the work runs in. */
function rowsWritten(core: Core, work: (within: Core) => Promise<unknown>): Promise<Writes> {
  return core.db.transaction(async (tx) => {
    const read = async () => (await tx.query<{ writes: Writes }>(writesSoFar))[0]?.writes ?? {};
    const before = await read();
    await work({ ...core, db: Object.assign(Object.create(core.db), { query: tx.query.bind(tx) }) });
    const counts = Object.entries(await read()).map(
      ([table, after]) => [table, after.map((count, i) => count - (before[table]?.[i] ?? 0))] as const,
    );
    return Object.fromEntries(counts.filter(([, writes]) => writes.some((count) => count > 0)));
  });
}

const writesSoFar = {
  name: "test_writes_so_far",
  text: `SELECT jsonb_object_agg(relname, jsonb_build_array(n_tup_ins, n_tup_upd, n_tup_del)) AS writes FROM pg_stat_xact_user_tables`,
};

const insertCrowd = `WITH crowd AS (INSERT INTO auth.users (id, email, email_normalized)
    SELECT gen_random_uuid(), n || '@crowd.example', n || '@crowd.example' FROM generate_series(1, $2::int) AS n RETURNING id),
  members AS (INSERT INTO messages.conversation_participants (conversation_id, user_id, spans)
    SELECT $1, id, int8multirange(int8range(1, NULL)) FROM crowd RETURNING 1)
  UPDATE messages.conversations SET member_count = member_count + (SELECT count(*) FROM members) WHERE id = $1`;
