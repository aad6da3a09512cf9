import type { Db } from "@echo/db";
import type { Clock } from "@echo/platform";
import type { LogHead } from "./event-log.ts";
import {
  attachPartition,
  detachPartition,
  dropTable,
  findLoggedBefore,
  listLoosePartitions,
  listPartitions,
  type Partition,
  raiseFloor,
  tryLockPartitions,
} from "./repository/partitions.ts";

const dayMs = 86_400_000;

export interface PartitionCare {
  db: Db;
  clock: Clock;
  /** Full days that events are kept. */
  logDays: number;
  /** Positions per partition. */
  size: number;
}

/**
 * Makes partitions ahead and drops old ones. One process at a time does it; whatever it leaves half done when it dies, the
 * next one ends. The lock is a transaction that does nothing else: DETACH CONCURRENTLY wants to be outside of any.
 */
export async function careForPartitions(care: PartitionCare, head: () => Promise<LogHead>): Promise<void> {
  await care.db.transaction(async (tx) => {
    if (!(await tryLockPartitions(tx))) return;
    const { position } = await head();
    await makeAhead(care, position);
    await dropOld(care, position);
  });
}

/** Always one whole partition beyond the one that is being written. */
async function makeAhead({ db, size }: PartitionCare, position: number): Promise<void> {
  const partitions = await listPartitions(db);
  let end = partitions.at(-1)?.to ?? position + 1;
  for (; end <= position + size; end += size) await attachPartition(db, { from: end, to: end + size });
}

async function dropOld(care: PartitionCare, position: number): Promise<void> {
  const { db } = care;
  for (const partition of await listPartitions(db)) {
    if (!partition.isDetaching && !(await isOld(care, partition, position))) break;
    // First the floor: a reader who asks for what is about to go gets an honest reset, never a part.
    await raiseFloor(db, partition.to - 1);
    await detachPartition(db, partition);
    await dropTable(db, partition.name);
  }
  for (const name of await listLoosePartitions(db)) await dropTable(db, name);
}

/** Full, and its last event is older than what is kept. */
async function isOld({ db, clock, logDays }: PartitionCare, { to }: Partition, position: number): Promise<boolean> {
  if (to > position + 1) return false;
  const last = await findLoggedBefore(db, to);
  return last === null || last.getTime() < clock.now().getTime() - logDays * dayMs;
}
