import type { Db } from "@echo/db";
import type { Admin } from "kafkajs";
import { type EpochBeginning, type LogReader, rangesOf } from "../log-reader.ts";
import type { RelayPosition } from "./relay-state.ts";

/** The consumer group whose offset is the relay's checkpoint within an epoch: a position of the log. */
export const relayGroup = (prefix: string, epoch: string): string => `${prefix}echo-relay.${epoch}`;

/** Partition 0 of a topic that is always there keeps it. */
export const checkpointPartition = 0;

interface StartOptions {
  db: Db;
  log: LogReader;
  admin: Admin;
  prefix: string;
  /** With its prefix. */
  topic: string;
  /** What the database knows. */
  known: RelayPosition;
}

/**
 * Where a relay goes on, once its producer has shut out the one before: at the checkpoint that Kafka committed with the
 * records; in a new epoch at that of the epoch before, and not beyond the new one's beginning; without any at what the database
 * knows.
 */
export async function findStart({
  db,
  log,
  known,
  ...kafka
}: StartOptions): Promise<{ epoch: string; position: number }> {
  const { epoch, floor } = await log.head(db);
  for (const { epoch: each, end } of rangesOf(await log.epochs(db), epoch)) {
    const committed = await fetchCheckpoint(kafka, each);
    const reached = committed ?? (known.epoch === each ? known.position : null);
    if (reached !== null) return { epoch, position: Math.min(reached, end) };
  }
  return { epoch, position: floor };
}

/** Kafka keeps records for seven days: of older epochs it has none. */
const maxEarlier = 16;

/**
 * For those who know the log by its records alone: the epochs before this one of which something is left, the latest first,
 * each with the last position that was not taken back. Written as an event's id is, with spaces between.
 */
export const earlierEpochs = (epochs: readonly EpochBeginning[], present: string): string =>
  rangesOf(epochs, present)
    .filter(({ epoch, position, end }) => epoch !== present && position < end)
    .slice(0, maxEarlier)
    .map(({ epoch, end }) => `${epoch}.${end}`)
    .join(" ");

async function fetchCheckpoint(
  { admin, prefix, topic }: Pick<StartOptions, "admin" | "prefix" | "topic">,
  epoch: string,
): Promise<number | null> {
  const [found] = await admin.fetchOffsets({ groupId: relayGroup(prefix, epoch), topics: [topic] });
  const offset = Number(found?.partitions.find(({ partition }) => partition === checkpointPartition)?.offset ?? -1);
  return offset < 0 ? null : offset;
}
