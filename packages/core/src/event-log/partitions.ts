import type { Db } from "@echo/db";
import {
  attachPartition,
  detachPartition,
  dropTable,
  hasEventsSince,
  listLoosePartitions,
  listPartitions,
  lockMaking,
  type Partition,
  raiseFloor,
  tryLockDropping,
} from "./repository/partitions.ts";

export interface PartitionOptions {
  /** Positions per partition. */
  size: number;
  /** When fewer are ready, twice as many are made so. */
  room: number;
}

/**
 * Makes partitions ahead of `position`, one process at a time and all in one transaction. Answers the first position that
 * has none.
 */
export function makePartitions(db: Db, position: number, { size, room }: PartitionOptions): Promise<number> {
  return db.transaction(async (tx) => {
    await lockMaking(tx);
    const partitions = await listPartitions(tx);
    let end = partitions.at(-1)?.to ?? position + 1;
    if (end > position + room) return end;
    for (; end <= position + 2 * room; end += size) await attachPartition(tx, { from: end, to: end + size });
    return end;
  });
}

/**
 * Drops full partitions whose every event is older than `days` full days. One process at a time; whatever one leaves
 * half done when it dies, the next one ends.
 */
export async function dropPartitions(db: Db, days: number): Promise<void> {
  await db.session(async (session) => {
    if (!(await tryLockDropping(session))) return;
    const partitions = await listPartitions(session);
    // The last one is being written or will be.
    for (const partition of partitions.slice(0, -1)) {
      if (!partition.isDetaching && (await hasEventsSince(session, partition, days))) break;
      await drop(session, partition);
    }
    for (const name of await listLoosePartitions(session)) await dropTable(session, name);
  });
}

type Session = Parameters<Parameters<Db["session"]>[0]>[0];

/** First the floor: who asks for what is about to go gets an honest reset, never a part. */
async function drop(session: Session, partition: Partition): Promise<void> {
  await raiseFloor(session, partition.to - 1);
  await detachPartition(session, partition);
  await dropTable(session, partition.name);
}
