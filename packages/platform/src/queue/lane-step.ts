import type { Db, Tx } from "@echo/db";
import { passKillPoint } from "../lifecycle/kill-point.ts";
import type { Logger } from "../logger/logger.ts";
import { type Checkpoint, type Lane, lockCheckpoint, nameOf, saveCheckpoint } from "./checkpoints.ts";
import { insertDeadLetter, removeDeadLettersAt } from "./dead-letters.ts";
import { deliver, maxAttempts } from "./deliver.ts";
import { beginningOf, type LogReader } from "./log-reader.ts";
import type { ConsumeOptions, QueueRecord } from "./queue.ts";

export interface LaneContext {
  db: Db;
  log: LogReader;
  logger: Logger;
  consume: ConsumeOptions;
  /** Up to where a lane handles what the log has: to its head; or to where it was, since Kafka brings what is new. */
  reach: "head" | "displaced";
}

export interface Step {
  lane: Lane;
  maxBatch: number;
  /** The record there ended its transaction too often: it becomes a dead letter and is not handled. */
  givesUp: { position: number; error: unknown } | null;
  /** Called before the consumer is, with the first record's position: what fails from then on may be its doing. */
  onHandling(position: number): void;
}

/** `more`: there is more to do at once. `busy`: another consumer has the lane. `idle`: everything is done. */
export type StepOutcome = "more" | "busy" | "idle";

/** What a lane does with the log in one transaction: a part of it, or a part of the way back. */
export function stepLane(context: LaneContext, step: Step): Promise<StepOutcome> {
  const { db, log, consume, reach } = context;
  return db.transaction(async (tx) => {
    const found = await lockCheckpoint(tx, { group: consume.group, ...step.lane });
    if (!found) return "busy";
    const head = await log.head(tx);
    const checkpoint =
      found.epoch === head.epoch ? found : moved(found, head.epoch, await beginningOf(tx, log, head.epoch));
    if (checkpoint.rewindTo !== null) return goBack(context, tx, { ...step, checkpoint });
    const position = Math.max(checkpoint.position, head.floor);
    const isToHead = reach === "head" || checkpoint.isQuiet;
    const to = isToHead ? head.position : Math.max(position, Math.min(checkpoint.redoTo ?? 0, head.position));
    return goOn(context, tx, { ...step, checkpoint: { ...checkpoint, redoTo: to }, to, floor: head.floor });
  });
}

/** What it handled beyond the new epoch's beginning was taken back with the database. */
const moved = (found: Checkpoint, epoch: string, beginning: number): Checkpoint => ({
  ...found,
  epoch,
  position: Math.min(found.position, beginning),
  redoTo: beginning,
});

const topicsOf = ({ consume }: LaneContext, { topic }: Lane): readonly string[] =>
  topic === "" ? consume.topics : [topic];

type Part = Step & { checkpoint: Checkpoint };

/** What the log has for a lane up to a position: as far as it goes in one transaction. */
export async function goOn(
  context: LaneContext,
  tx: Tx,
  part: Part & { to: number; floor: number },
): Promise<StepOutcome> {
  const { consume, log, logger } = context;
  const { lane, maxBatch, checkpoint, to, floor } = part;
  const topics = topicsOf(context, lane);
  if (checkpoint.position < floor) {
    const lost = { group: consume.group, lane: nameOf(lane), from: checkpoint.position, to: floor };
    logger.error("events were dropped before this group handled them", lost);
  }
  const range = { from: Math.max(checkpoint.position, floor), to, limit: maxBatch, topics, lane: lane.lane };
  const records = await log.read(tx, range);
  const count = records.length > 0 ? await handleSome(context, tx, { ...part, records }) : 0;
  const isDone = count === records.length && records.length < maxBatch;
  const position = isDone ? to : (records[count - 1]?.position ?? to);
  await saveCheckpoint(tx, { group: consume.group, ...lane }, { ...checkpoint, position });
  return isDone ? "idle" : "more";
}

/** Answers how many, from the first one on, are done with; the last of them may have become a dead letter. */
export async function handleSome(
  { consume, logger }: LaneContext,
  tx: Tx,
  { records, givesUp, onHandling }: Pick<Step, "givesUp" | "onHandling"> & { records: readonly QueueRecord[] },
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
async function goBack(context: LaneContext, tx: Tx, part: Part): Promise<StepOutcome> {
  const { consume, log } = context;
  const { lane, maxBatch, checkpoint } = part;
  const { position, rewindTo } = checkpoint;
  if (rewindTo === null || position <= rewindTo) {
    await saveCheckpoint(tx, { group: consume.group, ...lane }, { ...checkpoint, rewindTo: null });
    return "more";
  }
  const way = { from: rewindTo, to: position, isBackwards: true };
  const records = await log.read(tx, { ...way, limit: maxBatch, topics: topicsOf(context, lane), lane: lane.lane });
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
  await saveCheckpoint(
    tx,
    { group: consume.group, ...lane },
    {
      ...checkpoint,
      position: isBack ? rewindTo : last.position - 1,
      rewindTo: isBack ? null : rewindTo,
    },
  );
  return "more";
}
