import type { Tx } from "@echo/db";
import { v5 as uuidOf } from "uuid";
import { type BatchPart, firstPart, judgeOf } from "./batch-part.ts";
import { type Checkpoint, isDisplaced, lockCheckpoint, saveCheckpoint } from "./checkpoints.ts";
import { insertUnreadable } from "./dead-letters.ts";
import { goOn, handleSome, type LaneContext, type Step } from "./lane-step.ts";
import type { QueueRecord } from "./queue.ts";
import { type Incoming, outlineOf, packRecord, type RawRecord } from "./record-format.ts";

/** Of ids that are made of where a record came from. */
const lettersNamespace = "0d3bb4a5-2a6f-4c0b-9a5c-6f1a7f1de0b4";

/**
 * Handles the first of a batch that came by Kafka, with the lane's checkpoint, in one transaction. What was handled already is
 * passed over; what the broker lost or never got is read from the log first. Answers how many of the batch are done with.
 * `busy`: another consumer has the lane, or it is to go on from the log first.
 */
export function stepRecords(
  context: LaneContext,
  step: Step,
  batch: readonly Incoming[],
): Promise<{ count: number } | "busy"> {
  const { db, log, consume } = context;
  return db.transaction(async (tx) => {
    const checkpoint = await lockCheckpoint(tx, { group: consume.group, ...step.lane });
    if (!checkpoint) return "busy";
    const { epoch, floor } = await log.head(tx);
    if (epoch !== checkpoint.epoch || isDisplaced(checkpoint)) return "busy";
    const isOurs = await judgeOf(tx, log, { batch, epoch });
    const part = firstPart(batch, { from: checkpoint.position, maxBatch: step.maxBatch, isOurs });
    await tellOfOthers(context, tx, part);
    if (part.gapBefore === null) return { count: await take(context, tx, { ...step, checkpoint, part }) };
    await goOn(context, tx, { ...step, checkpoint, to: part.gapBefore, floor });
    return { count: part.count };
  });
}

/** Records that are not the group's to handle. */
async function tellOfOthers(context: LaneContext, tx: Tx, { unreadable, foreign }: BatchPart): Promise<void> {
  for (const { raw, fault } of unreadable) await putAside(context, tx, { record: outlineOf(raw), raw, fault });
  if (foreign > 0) {
    const { group } = context.consume;
    context.logger.warn("records of another log were passed over", { group, count: foreign });
  }
}

async function putAside(
  { consume, logger }: LaneContext,
  tx: Tx,
  { record, raw, fault }: { record: QueueRecord; raw: RawRecord; fault: string },
): Promise<void> {
  const { group } = consume;
  await insertUnreadable(tx, { id: idOf(group, raw), group }, { record, error: fault, raw: packRecord(raw) });
  logger.error("a record cannot be read; it became a dead letter", { group, topic: raw.topic, fault });
}

/** The same for a record that comes again. */
function idOf(group: string, { topic, partition, offset, timestamp }: RawRecord): string {
  return uuidOf(JSON.stringify([group, topic, partition, offset, timestamp]), lettersNamespace);
}

async function take(
  context: LaneContext,
  tx: Tx,
  { part, checkpoint, ...step }: Step & { part: BatchPart; checkpoint: Checkpoint },
): Promise<number> {
  const { count, taken, deferred } = part;
  const saveAt = (position: number) =>
    saveCheckpoint(tx, { group: context.consume.group, ...step.lane }, { ...checkpoint, position });
  if (deferred) {
    await putAside(context, tx, deferred);
    await saveAt(deferred.record.position);
  }
  if (taken.length === 0) return count;
  const handled = await handleSome(context, tx, { ...step, records: taken.map(({ record }) => record) });
  const last = taken[handled - 1];
  if (last === undefined) return count;
  await saveAt(last.record.position);
  return handled === taken.length ? count : last.index + 1;
}
