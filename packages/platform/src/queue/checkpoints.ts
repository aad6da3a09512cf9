import { type Queryable, statement, type Tx } from "@echo/db";

/** Where a lane of a group is. */
export interface Checkpoint {
  epoch: string;
  position: number;
  rewindTo: number | null;
}

const make = statement<never>(
  "queue_make_checkpoints",
  `INSERT INTO messages.queue_checkpoints (group_name, lane, epoch, position, topics)
   SELECT $1, lane, $3, $4, $5 FROM generate_series(0, $2 - 1) AS lane
   ON CONFLICT (group_name, lane) DO UPDATE SET topics = excluded.topics
     WHERE queue_checkpoints.topics IS DISTINCT FROM excluded.topics`,
);

/** Those of a group that has none begin at `start`; the others stay where they are. */
export async function makeCheckpoints(
  db: Queryable,
  { group, topics, lanes }: { group: string; topics: readonly string[]; lanes: number },
  start: { epoch: string; position: number },
): Promise<void> {
  await db.query(make, [group, lanes, start.epoch, start.position, topics]);
}

const lock = statement<Checkpoint>(
  "queue_lock_checkpoint",
  `SELECT epoch, position, rewind_to AS "rewindTo" FROM messages.queue_checkpoints
   WHERE group_name = $1 AND lane = $2 FOR UPDATE SKIP LOCKED`,
);

/** Null while somebody else has it. */
export async function lockCheckpoint(tx: Tx, group: string, lane: number): Promise<Checkpoint | null> {
  const [row] = await tx.query(lock, [group, lane]);
  return row ?? null;
}

const save = statement<never>(
  "queue_save_checkpoint",
  `UPDATE messages.queue_checkpoints SET epoch = $3, position = $4, rewind_to = $5, updated_at = clock_timestamp()
   WHERE group_name = $1 AND lane = $2`,
);

export async function saveCheckpoint(
  tx: Tx,
  { group, lane }: { group: string; lane: number },
  { epoch, position, rewindTo }: Checkpoint,
): Promise<void> {
  await tx.query(save, [group, lane, epoch, position, rewindTo]);
}

const behind = statement<{ lane: number }>(
  "queue_lanes_behind",
  `SELECT lane FROM messages.queue_checkpoints WHERE group_name = $1 AND (position < $2 OR epoch <> $3 OR rewind_to IS NOT NULL)`,
);

/** The lanes of a group that have something to do. */
export async function lanesBehind(
  db: Queryable,
  group: string,
  head: { epoch: string; position: number },
): Promise<number[]> {
  return (await db.query(behind, [group, head.position, head.epoch])).map(({ lane }) => lane);
}

export interface GroupCheckpoints {
  group: string;
  topics: string[];
  /** By lane. */
  positions: number[];
  rewindTo: number | null;
}

const list = statement<GroupCheckpoints>(
  "queue_list_groups",
  `SELECT group_name AS "group", min(topics) AS topics, array_agg(position ORDER BY lane) AS positions,
     min(rewind_to) AS "rewindTo"
   FROM messages.queue_checkpoints GROUP BY group_name ORDER BY group_name`,
);

export const listGroups = (db: Queryable): Promise<GroupCheckpoints[]> => db.query(list);

const requestRewind = statement<{ lane: number }>(
  "queue_request_rewind",
  `UPDATE messages.queue_checkpoints SET rewind_to = CASE WHEN position > $2 THEN least(rewind_to, $2) ELSE rewind_to END
   WHERE group_name = $1 RETURNING lane`,
);

/** False when there is no such group. */
export async function insertRewind(db: Queryable, group: string, position: number): Promise<boolean> {
  return (await db.query(requestRewind, [group, position])).length > 0;
}
