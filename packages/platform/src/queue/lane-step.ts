import type { Db, Tx } from "@echo/db";
import { passKillPoint } from "../lifecycle/kill-point.ts";
import type { Logger } from "../logger/logger.ts";
import { type Checkpoint, type Lane, lockCheckpoint, movedTo, nameOf, saveCheckpoint } from "./checkpoints.ts";
import { insertDeadLetter } from "./dead-letters.ts";
import { deliver, maxAttempts } from "./deliver.ts";
import { beginningOf, type LogReader } from "./log-reader.ts";
import type { ConsumeOptions, QueueRecord } from "./queue.ts";
import { goBack } from "./rewind.ts";

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

/** What a lane does with the log in one transaction: a part of it; or a stride of the way back, with all others. */
export function stepLane(context: LaneContext, step: Step): Promise<StepOutcome> {
  const { db, log, consume, reach } = context;
  return db.transaction(async (tx) => {
    const found = await lockCheckpoint(tx, { group: consume.group, ...step.lane });
    if (!found) return "busy";
    if (found.rewindTo !== null) return goBack(tx, consume, log);
    const head = await log.head(tx);
    const { epoch } = head;
    const checkpoint =
      found.epoch === epoch ? found : movedTo(found, { epoch, position: await beginningOf(tx, log, epoch) });
    const position = Math.max(checkpoint.position, head.floor);
    const isToHead = reach === "head" || checkpoint.isQuiet;
    const to = isToHead ? head.position : Math.max(position, Math.min(checkpoint.redoTo ?? 0, head.position));
    return goOn(context, tx, { ...step, checkpoint: { ...checkpoint, redoTo: to }, to, floor: head.floor });
  });
}

const topicsOf = ({ consume }: LaneContext, { topic }: Lane): readonly string[] =>
  topic === "" ? consume.topics : [topic];

/** What the log has for a lane up to a position: as far as it goes in one transaction. */
export async function goOn(
  context: LaneContext,
  tx: Tx,
  part: Step & { checkpoint: Checkpoint; to: number; floor: number },
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
