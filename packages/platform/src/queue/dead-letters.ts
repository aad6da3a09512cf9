import { type Queryable, statement, type Tx } from "@echo/db";
import type { DeadLetter, QueueRecord } from "./queue.ts";
import { type RawRecord, unpackRecord } from "./record-format.ts";

const maxErrorLength = 2_000;

/** As it is stored: times are texts. */
interface StoredRecord extends Omit<QueueRecord, "createdAt" | "loggedAt"> {
  createdAt: string;
  loggedAt: string;
}

const toRecord = (stored: StoredRecord): QueueRecord => ({
  ...stored,
  createdAt: new Date(stored.createdAt),
  loggedAt: new Date(stored.loggedAt),
});

/** PostgreSQL takes no NUL in a text. */
const sentenceOf = (error: unknown): string => String(error).replaceAll("\0", "\u{fffd}").slice(0, maxErrorLength);

const insert = statement<never>(
  "queue_insert_dead_letter",
  `INSERT INTO messages.dead_letters (id, group_name, topic, key, position, record, error, attempts, failed_at)
   VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, clock_timestamp())`,
);

export async function insertDeadLetter(
  tx: Tx,
  group: string,
  { record, error, attempts }: { record: QueueRecord; error: unknown; attempts: number },
): Promise<void> {
  const { topic, key, position } = record;
  await tx.query(insert, [group, topic, key, position, JSON.stringify(record), sentenceOf(error), attempts]);
}

const insertRaw = statement<never>(
  "queue_insert_unreadable_letter",
  `INSERT INTO messages.dead_letters (id, group_name, topic, key, position, record, error, attempts, failed_at, raw)
   VALUES ($1, $2, $3, $4, $5, $6, $7, 1, clock_timestamp(), $8) ON CONFLICT (id) DO NOTHING`,
);

/** @param id the same for a record that comes again */
export async function insertUnreadable(
  tx: Tx,
  { id, group }: { id: string; group: string },
  { record, error, raw }: { record: QueueRecord; error: string; raw: Buffer },
): Promise<void> {
  const { topic, key, position } = record;
  await tx.query(insertRaw, [id, group, topic, key, position, JSON.stringify(record), sentenceOf(error), raw]);
}

const list = statement<Omit<DeadLetter, "record"> & { record: StoredRecord }>(
  "queue_list_dead_letters",
  `SELECT id, group_name AS "group", record, error, attempts, failed_at AS "failedAt",
     replay_at IS NOT NULL AS "isReplayRequested"
   FROM messages.dead_letters ORDER BY failed_at, id LIMIT $1`,
);

export async function listDeadLetters(db: Queryable, limit: number): Promise<DeadLetter[]> {
  const rows = await db.query(list, [limit]);
  return rows.map(({ record, ...letter }) => ({ ...letter, record: toRecord(record) }));
}

const count = statement<{ group: string; letters: number }>(
  "queue_count_dead_letters",
  `SELECT group_name AS "group", count(*)::int AS letters FROM messages.dead_letters GROUP BY group_name`,
);

export async function countDeadLetters(db: Queryable): Promise<Map<string, number>> {
  return new Map((await db.query(count)).map(({ group, letters }) => [group, letters]));
}

const request = statement<{ id: string }>(
  "queue_request_replay",
  `UPDATE messages.dead_letters SET replay_at = clock_timestamp() WHERE $1::uuid[] IS NULL OR id = ANY ($1) RETURNING id`,
);

/** @param ids null: all */
export async function requestReplay(db: Queryable, ids: readonly string[] | null): Promise<number> {
  return (await db.query(request, [ids])).length;
}

/** A letter that is tried again. */
export interface RequestedLetter {
  id: string;
  record: QueueRecord;
  /** As it came by Kafka, when it could not be read. */
  raw: Buffer | null;
}

const lockRequested = statement<Omit<RequestedLetter, "record"> & { record: StoredRecord }>(
  "queue_lock_requested_letter",
  `SELECT id, record, raw FROM messages.dead_letters WHERE group_name = $1 AND replay_at IS NOT NULL
   ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED`,
);

/** One that somebody wants to be tried again; null when there is none that is free. */
export async function lockRequestedLetter(tx: Tx, group: string): Promise<RequestedLetter | null> {
  const [row] = await tx.query(lockRequested, [group]);
  return row ? { ...row, record: toRecord(row.record) } : null;
}

const remove = statement<never>("queue_remove_dead_letters", "DELETE FROM messages.dead_letters WHERE id = ANY ($1)");

export async function removeDeadLetters(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(remove, [ids]);
}

const failAgain = statement<never>(
  "queue_fail_dead_letter_again",
  `UPDATE messages.dead_letters SET replay_at = NULL, attempts = attempts + 1, error = $2, failed_at = clock_timestamp()
   WHERE id = $1`,
);

export async function failDeadLetterAgain(db: Queryable, id: string, error: unknown): Promise<void> {
  await db.query(failAgain, [id, sentenceOf(error)]);
}

const lockAfter = statement<{ id: string; raw: Buffer | null }>(
  "queue_lock_dead_letters_after",
  `SELECT id, raw FROM messages.dead_letters
   WHERE group_name = $1 AND position > $2 ORDER BY id FOR UPDATE`,
);

/** Those of records after `position`, which are about to be handled again, if they can be. What is none of Echo's is at 0. */
export async function forgetDeadLetters(
  tx: Tx,
  group: string,
  { position, isHandledAgain }: { position: number; isHandledAgain(raw: RawRecord): boolean },
): Promise<void> {
  const letters = await tx.query(lockAfter, [group, position]);
  const gone = letters.filter(({ raw }) => raw === null || isHandledAgain(unpackRecord(raw)));
  await removeDeadLetters(
    tx,
    gone.map(({ id }) => id),
  );
}

const lockUnpublished = statement<Omit<DeadLetter, "record"> & { record: StoredRecord }>(
  "queue_lock_unpublished_letters",
  `SELECT id, group_name AS "group", record, error, attempts, failed_at AS "failedAt",
     replay_at IS NOT NULL AS "isReplayRequested"
   FROM messages.dead_letters WHERE published_at IS NULL AND topic = ANY ($1)
   ORDER BY failed_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
);

/** Those of these topics that Kafka has not got. */
export async function lockUnpublishedLetters(tx: Tx, topics: readonly string[], limit: number): Promise<DeadLetter[]> {
  const rows = await tx.query(lockUnpublished, [topics, limit]);
  return rows.map(({ record, ...letter }) => ({ ...letter, record: toRecord(record) }));
}

const markPublished = statement<never>(
  "queue_mark_letters_published",
  "UPDATE messages.dead_letters SET published_at = clock_timestamp() WHERE id = ANY ($1)",
);

export async function markLettersPublished(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(markPublished, [ids]);
}
