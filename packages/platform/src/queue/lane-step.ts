import type { Db, Tx } from "@echo/db";
import { passKillPoint } from "../lifecycle/kill-point.ts";
import type { Logger } from "../logger/logger.ts";
import { type Checkpoint, lockCheckpoint, saveCheckpoint } from "./checkpoints.ts";
import { insertDeadLetter, removeDeadLettersAt } from "./dead-letters.ts";
import { deliver, maxAttempts } from "./deliver.ts";
import type { LogReader } from "./log-reader.ts";
import type { ConsumeOptions, QueueRecord } from "./queue.ts";

export interface LaneContext {
  db: Db;
  log: LogReader;
  logger: Logger;
  consume: ConsumeOptions;
}

export interface Step {
  lane: number;
  maxBatch: number;
  /** The record there ended its transaction too often: it becomes a dead letter and is not handled. */
  givesUp: { position: number; error: unknown } | null;
  /** Called before the consumer is, with the first record's position: what fails from then on may be its doing. */
  onHandling(position: number): void;
}

/** `more`: there is more to do at once. `busy`: another consumer has the lane. `idle`: everything is done. */
export type StepOutcome = "more" | "busy" | "idle";

/** What a lane does in one transaction: a part of the log, or a part of the way back. */
export function stepLane(context: LaneContext, step: Step): Promise<StepOutcome> {
  const { db, log, consume } = context;
  return db.transaction(async (tx) => {
    const found = await lockCheckpoint(tx, consume.group, step.lane);
    if (!found) return "busy";
    const head = await log.head(tx);
    const checkpoint =
      found.epoch === head.epoch ? found : moved(found, head.epoch, await log.beginningOf(tx, head.epoch));
    if (checkpoint.rewindTo !== null) return goBack(context, tx, { ...step, checkpoint });
    const { floor } = head;
    if (checkpoint.position < floor) {
      const lost = { group: consume.group, from: checkpoint.position, to: floor };
      context.logger.error("events were dropped before this group handled them", lost);
    }
    const position = Math.max(checkpoint.position, floor);
    return goOn(context, tx, { ...step, checkpoint: { ...checkpoint, position }, to: head.position });
  });
}

/** What it handled beyond the new epoch's beginning was taken back with the database. */
const moved = (found: Checkpoint, epoch: string, beginning: number): Checkpoint => ({
  ...found,
  epoch,
  position: Math.min(found.position, beginning),
});

type Part = Step & { checkpoint: Checkpoint };

async function goOn(context: LaneContext, tx: Tx, part: Part & { to: number }): Promise<StepOutcome> {
  const { consume, log } = context;
  const { lane, maxBatch, checkpoint, to } = part;
  const range = { from: checkpoint.position, to, limit: maxBatch, topics: consume.topics, lane };
  const records = await log.read(tx, range);
  const count = records.length > 0 ? await handleSome(context, tx, { ...part, records }) : 0;
  const isDone = count === records.length && records.length < maxBatch;
  const position = isDone ? to : (records[count - 1]?.position ?? to);
  await saveCheckpoint(tx, { group: consume.group, lane }, { ...checkpoint, position });
  return isDone ? "idle" : "more";
}

async function handleSome(
  { consume, logger }: LaneContext,
  tx: Tx,
  { records, givesUp, onHandling }: Part & { records: readonly QueueRecord[] },
): Promise<number> {
  const [first] = records;
  if (first) onHandling(first.position);
  const { count, failure } =
    givesUp && first?.position === givesUp.position
      ? { count: 1, failure: { record: first, error: givesUp.error } }
      : await deliver(tx, records, consume);
  passKillPoint("handle>commit");
  if (failure) {
    const { record, error } = failure;
    const { group } = consume;
    await insertDeadLetter(tx, group, { record, error, attempts: maxAttempts });
    logger.error("a record became a dead letter", { group, type: record.type, position: record.position, error });
  }
  return count;
}

/** Takes back what was handled last, and no more than a batch: each step of the way commits. */
async function goBack({ consume, log }: LaneContext, tx: Tx, part: Part): Promise<StepOutcome> {
  const { lane, maxBatch, checkpoint } = part;
  const { position, rewindTo } = checkpoint;
  const target = { group: consume.group, lane };
  if (rewindTo === null || position <= rewindTo) {
    await saveCheckpoint(tx, target, { ...checkpoint, rewindTo: null });
    return "more";
  }
  const range = { from: rewindTo, to: position, limit: maxBatch, topics: consume.topics, lane, isBackwards: true };
  const records = await log.read(tx, range);
  const neverHandled = await removeDeadLettersAt(
    tx,
    consume.group,
    records.map((record) => record.position),
  );
  const handled = records.filter((record) => !neverHandled.has(record.position));
  const [latest] = handled;
  if (latest) {
    part.onHandling(latest.position);
    await consume.undo?.(tx, handled.toReversed());
  }
  const last = records.at(-1);
  const isBack = records.length < maxBatch || last === undefined;
  await saveCheckpoint(tx, target, {
    ...checkpoint,
    position: isBack ? rewindTo : last.position - 1,
    rewindTo: isBack ? null : rewindTo,
  });
  return "more";
}
