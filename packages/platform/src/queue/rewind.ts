import type { Db, Tx } from "@echo/db";
import { lockCheckpoints, movedTo, saveCheckpoint, setRewind, tryLockCheckpoints } from "./checkpoints.ts";
import { forgetDeadLetters } from "./dead-letters.ts";
import { beginningOf, type LogReader } from "./log-reader.ts";
import type { ConsumeOptions } from "./queue.ts";
import { typeOf } from "./record-format.ts";

/** Writes down that a group is to go back. False when there is no such group. */
export function requestRewind(db: Db, group: string, position: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    const lanes = await lockCheckpoints(tx, group);
    if (lanes.some((lane) => lane.position > position)) await setRewind(tx, group, position);
    return lanes.length > 0;
  });
}

interface Way {
  /** How far the group is. */
  reached: number;
  rewindTo: number;
  /** The log has nothing up to here. */
  floor: number;
}

/**
 * Where a group is one stride further back: at a multiple of the stride, and at last at the one at or before `rewindTo`, or at
 * the first that is not below the floor. A group that cannot forget is there at once.
 */
export function placeBefore({ reached, rewindTo, floor }: Way, stride: number | undefined) {
  if (stride === undefined) return { position: Math.min(reached, Math.max(rewindTo, floor)), isLast: true };
  const below = Math.floor(rewindTo / stride) * stride;
  const goal = below < floor ? Math.ceil(floor / stride) * stride : below;
  const next = (Math.ceil(reached / stride) - 1) * stride;
  return next > goal ? { position: next, isLast: false } : { position: Math.min(reached, goal), isLast: true };
}

/** Takes back a stride of what a group did, in all of its lanes at once: what it wrote, its dead letters and its checkpoints. */
export async function goBack(
  tx: Tx,
  { group, forget }: Pick<ConsumeOptions, "group" | "forget">,
  log: LogReader,
): Promise<"more" | "busy"> {
  const found = await tryLockCheckpoints(tx, group);
  if (!found) return "busy";
  const { epoch, floor } = await log.head(tx);
  const beginning = await beginningOf(tx, log, epoch);
  const lanes = found.map((lane) => (lane.epoch === epoch ? lane : movedTo(lane, { epoch, position: beginning })));
  const reached = Math.max(...lanes.map(({ position }) => position));
  const rewindTo = Math.min(...lanes.map((lane) => lane.rewindTo ?? reached));
  const { position, isLast } = placeBefore({ reached, rewindTo, floor }, forget?.stride);
  if (position < reached) {
    await forgetDeadLetters(tx, group, { position, isHandledAgain: (raw) => log.knows(raw.topic, typeOf(raw)) });
    await forget?.after(tx, position);
  }
  for (const lane of lanes) {
    const isBeyond = lane.position > position;
    await saveCheckpoint(
      tx,
      { group, ...lane },
      {
        epoch,
        position: isBeyond ? position : lane.position,
        redoTo: isBeyond ? Math.max(lane.redoTo ?? 0, lane.position) : lane.redoTo,
        rewindTo: isLast ? null : rewindTo,
      },
    );
  }
  return "more";
}
