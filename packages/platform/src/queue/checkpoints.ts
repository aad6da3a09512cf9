import { type Db, type Queryable, statement, type Tx } from "@echo/db";
import type { EpochBeginning } from "./log-reader.ts";

/** Records that are handled one after the other. */
export interface Lane {
  /** Kafka orders the records of one topic; empty: of all the group's topics, as the log orders them. */
  topic: string;
  /** By the key (log-reader.ts). */
  lane: number;
}

/** For logs and keys. */
export const nameOf = ({ topic, lane }: Lane): string => `${topic}/${lane}`;

type GroupLane = Lane & { group: string };

/** Where a lane of a group is. */
export interface Checkpoint {
  epoch: string;
  position: number;
  rewindTo: number | null;
  /** Up to here it is read from the log, whatever Kafka brings. */
  redoTo: number | null;
  /** For a minute nothing came for it. */
  isQuiet: boolean;
}

/** It goes on from the log before it takes what Kafka brings. */
export const isDisplaced = ({ rewindTo, redoTo, position }: Checkpoint): boolean =>
  rewindTo !== null || (redoTo ?? 0) > position;

/** In another epoch: what was handled beyond its beginning was taken back with the database. */
export const movedTo = <Found extends Checkpoint>(found: Found, { epoch, position }: EpochBeginning): Found => ({
  ...found,
  epoch,
  position: Math.min(found.position, position),
  redoTo: position,
});

/** Of a group: what it takes, and where it begins when it is new. */
export interface NewGroup {
  group: string;
  topics: readonly string[];
  lanes: number;
  /** Each topic for itself, as Kafka has it. */
  isByTopic: boolean;
}

const list = statement<Lane>(
  "queue_list_lanes",
  "SELECT topic, lane FROM messages.queue_checkpoints WHERE group_name = $1 ORDER BY topic, lane",
);

const split = statement<never>(
  "queue_split_checkpoints",
  `WITH whole AS (DELETE FROM messages.queue_checkpoints WHERE group_name = $1 AND topic = '' RETURNING *)
   INSERT INTO messages.queue_checkpoints (group_name, topic, lane, topics, epoch, position, rewind_to, redo_to)
   SELECT $1, asked.topic, lane, ARRAY[asked.topic], epoch, position, rewind_to, redo_to
   FROM whole CROSS JOIN unnest($2::text[]) AS asked(topic) ON CONFLICT DO NOTHING`,
);

const make = statement<never>(
  "queue_make_checkpoints",
  `INSERT INTO messages.queue_checkpoints (group_name, topic, lane, topics, epoch, position)
   SELECT $1, asked.topic, lane, CASE asked.topic WHEN '' THEN $3 ELSE ARRAY[asked.topic] END, $5, $6
   FROM unnest($2::text[]) AS asked(topic) CROSS JOIN generate_series(0, $4 - 1) AS lane
   ON CONFLICT (group_name, topic, lane) DO UPDATE SET topics = excluded.topics
     WHERE queue_checkpoints.topics IS DISTINCT FROM excluded.topics`,
);

const leave = statement<never>(
  "queue_leave_topics",
  `UPDATE messages.queue_checkpoints SET topics = '{}' WHERE group_name = $1 AND topic <> ALL ($2) AND topics <> '{}'`,
);

const lockGroup = statement<never>(
  "queue_lock_group",
  "SELECT pg_advisory_xact_lock(hashtext('echo.queue'), hashtext($1))",
);

/**
 * Those that a group lacks begin at `start`; the others stay where they are. A group that was split by topics stays split:
 * what one driver handled is not handled again by the other. Topics that it does not ask for any more keep their place, and
 * are nothing that it is behind of.
 */
export function makeCheckpoints(
  db: Db,
  { group, topics, lanes, isByTopic }: NewGroup,
  start: { epoch: string; position: number },
): Promise<Lane[]> {
  return db.transaction(async (tx) => {
    await tx.query(lockGroup, [group]);
    if (isByTopic) await tx.query(split, [group, topics]);
    const known = await tx.query(list, [group]);
    const isSplit = isByTopic || known.some(({ topic }) => topic !== "");
    const names = isSplit ? topics : [""];
    await tx.query(make, [group, names, topics, lanes, start.epoch, start.position]);
    await tx.query(leave, [group, names]);
    return tx.query(list, [group]);
  });
}

const isQuiet = "updated_at < clock_timestamp() - interval '60 s'";
const columns = `epoch, position, rewind_to AS "rewindTo", redo_to AS "redoTo", ${isQuiet} AS "isQuiet"`;

const lock = statement<Checkpoint>(
  "queue_lock_checkpoint",
  `SELECT ${columns} FROM messages.queue_checkpoints
   WHERE group_name = $1 AND topic = $2 AND lane = $3 FOR UPDATE SKIP LOCKED`,
);

/** Null while somebody else has it. */
export async function lockCheckpoint(tx: Tx, { group, topic, lane }: GroupLane): Promise<Checkpoint | null> {
  const [row] = await tx.query(lock, [group, topic, lane]);
  return row ?? null;
}

const tryLockGroup = statement<{ isLocked: boolean }>(
  "queue_try_lock_group",
  `SELECT pg_try_advisory_xact_lock(hashtext('echo.queue'), hashtext($1)) AS "isLocked"`,
);

const lockAll = statement<Lane & Checkpoint>(
  "queue_lock_checkpoints",
  `SELECT topic, lane, ${columns} FROM messages.queue_checkpoints
   WHERE group_name = $1 ORDER BY topic, lane FOR UPDATE`,
);

/** Longer than a handler holds a lane (deliver.ts), and less than a transaction may take. */
const patiently = statement<never>("queue_wait_for_handlers", "SET LOCAL lock_timeout = '25s'");

/** All of a group's, once nothing is being handled. Not for who holds one of them: two of those would wait for each other. */
export async function lockCheckpoints(tx: Tx, group: string): Promise<(Lane & Checkpoint)[]> {
  await tx.query(patiently);
  await tx.query(lockGroup, [group]);
  return tx.query(lockAll, [group]);
}

/** For who holds one of them. Null while somebody else wants them all. */
export async function tryLockCheckpoints(tx: Tx, group: string): Promise<(Lane & Checkpoint)[] | null> {
  const [row] = await tx.query(tryLockGroup, [group]);
  if (!row?.isLocked) return null;
  await tx.query(patiently);
  return tx.query(lockAll, [group]);
}

const rewind = statement<never>(
  "queue_set_rewind",
  "UPDATE messages.queue_checkpoints SET rewind_to = least(rewind_to, $2) WHERE group_name = $1",
);

export async function setRewind(tx: Tx, group: string, position: number): Promise<void> {
  await tx.query(rewind, [group, position]);
}

const save = statement<never>(
  "queue_save_checkpoint",
  `UPDATE messages.queue_checkpoints SET epoch = $4, position = $5, rewind_to = $6, redo_to = $7, updated_at = clock_timestamp()
   WHERE group_name = $1 AND topic = $2 AND lane = $3`,
);

export async function saveCheckpoint(
  tx: Tx,
  { group, topic, lane }: GroupLane,
  { epoch, position, rewindTo, redoTo }: Omit<Checkpoint, "isQuiet">,
): Promise<void> {
  await tx.query(save, [group, topic, lane, epoch, position, rewindTo, redoTo]);
}

/** Of a group: the lanes of the topics that it asks for. */
interface Asked {
  group: string;
  topics: readonly string[];
}

const behind = statement<Lane>(
  "queue_lanes_behind",
  `SELECT topic, lane FROM messages.queue_checkpoints WHERE group_name = $1 AND (topic = '' OR topic = ANY ($2))
     AND (position < $3 OR epoch <> $4 OR rewind_to IS NOT NULL)`,
);

/** Those that have something to do in the log. */
export function lanesBehind(
  db: Queryable,
  { group, topics }: Asked,
  head: { epoch: string; position: number },
): Promise<Lane[]> {
  return db.query(behind, [group, topics, head.position, head.epoch]);
}

const displaced = statement<Lane>(
  "queue_lanes_displaced",
  `SELECT topic, lane FROM messages.queue_checkpoints WHERE group_name = $1 AND topic = ANY ($2)
     AND (epoch <> $4 OR rewind_to IS NOT NULL OR redo_to > position OR (position < $3 AND ${isQuiet}))`,
);

/** Those that go on from the log before they take what Kafka brings: after a rewind or a restore, or when it brings nothing. */
export function lanesDisplaced(
  db: Queryable,
  { group, topics }: Asked,
  head: { epoch: string; position: number },
): Promise<Lane[]> {
  return db.query(displaced, [group, topics, head.position, head.epoch]);
}

export interface GroupCheckpoints {
  group: string;
  topics: string[];
  /** By lane. */
  positions: number[];
  rewindTo: number | null;
}

const listAll = statement<GroupCheckpoints>(
  "queue_list_groups",
  `SELECT group_name AS "group", min(topics) AS topics, array_agg(position ORDER BY lane) AS positions,
     min(rewind_to) AS "rewindTo"
   FROM messages.queue_checkpoints GROUP BY group_name, topic ORDER BY group_name, topic`,
);

/** A row for each group, or for each topic of one that is split by topics. */
export const listGroups = (db: Queryable): Promise<GroupCheckpoints[]> => db.query(listAll);
