import type { EachBatchPayload, Kafka } from "kafkajs";
import type { Logger } from "../../logger/logger.ts";
import { pauseUnless } from "../../time/pause-unless.ts";

/** The least that brokers allow by default: so long a consumer that was killed keeps its partitions. */
const sessionMs = 6_000;
const heartbeatMs = 1_000;
const commitEveryMs = 1_000;
const concurrently = 4;
/** A broker holds a request for records so long when there are none; a stop waits for it. */
const maxFetchMs = 500;
/** Compressed, of a partition: records take twenty times that much when they are read, and all partitions may have some. */
const maxFetchBytes = 65_536;
const againAfterMs = 1_000;

export interface MemberOptions {
  client: Kafka;
  groupId: string;
  topics: readonly string[];
  logger: Logger;
  /** Never rejects. */
  onBatch(payload: EachBatchPayload): Promise<void>;
}

/** A member of a consumer group, which joins again and again until it is stopped. */
export function joinGroup(options: MemberOptions): { stop(): Promise<void> } {
  const ending = new AbortController();
  const done = stayIn(options, ending.signal);
  return {
    async stop() {
      ending.abort();
      await done;
    },
  };
}

async function stayIn(options: MemberOptions, signal: AbortSignal): Promise<void> {
  const { logger, groupId } = options;
  const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  let isTold = false;
  while (!signal.aborted) {
    try {
      await takePart(options, ended);
      isTold = false;
    } catch (error) {
      if (!isTold && !signal.aborted) logger.warn("a consumer cannot join its group; trying again", { groupId, error });
      isTold = true;
      await pauseUnless(signal, againAfterMs);
    }
  }
}

/** @throws what the client does not mend by itself */
async function takePart(
  { client, groupId, topics, logger, onBatch }: MemberOptions,
  ended: Promise<void>,
): Promise<void> {
  const consumer = client.consumer({
    groupId,
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    maxWaitTimeInMs: maxFetchMs,
    maxBytesPerPartition: maxFetchBytes,
  });
  let isMember = false;
  const crashed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (!restart) reject(error);
      else if (isMember) logger.warn("a consumer lost Kafka; it comes back by itself", { groupId, error });
      isMember = false;
    });
  });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    isMember = true;
  });
  crashed.catch(() => undefined);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      // For other people's lag tools: what counts is the checkpoint.
      autoCommitInterval: commitEveryMs,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrently,
      eachBatch: (payload) => whileBeating(payload, () => onBatch(payload)),
    });
    await Promise.race([crashed, ended]);
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}

/** Who handles for long is alive all the same. A group that goes on without us is found out by the next checkpoint. */
async function whileBeating({ heartbeat }: EachBatchPayload, work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => void heartbeat().catch(() => undefined), heartbeatMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
