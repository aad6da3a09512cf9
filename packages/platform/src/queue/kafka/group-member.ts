import type { EachBatchPayload, Kafka } from "kafkajs";
import type { Logger } from "../../logger/logger.ts";
import { pauseUnless } from "../../time/pause-unless.ts";
import { retry } from "./create-client.ts";

/** The least that brokers allow by default: so long a consumer that was killed keeps its partitions. */
const sessionMs = 6_000;
const heartbeatMs = 1_000;
const commitEveryMs = 1_000;
const concurrently = 4;
/** A broker holds a request for records so long when there are none; a stop waits for it. */
const maxFetchMs = 500;
/** Compressed, of a partition: records take twenty times that much when they are read, and all partitions may have some. */
const maxFetchBytes = 131_072;
const againAfterMs = 1_000;

export interface MemberOptions {
  client: Kafka;
  groupId: string;
  topics: readonly string[];
  logger: Logger;
  /** What it does not resolve comes again. @throws then the member begins anew */
  onBatch(batch: MemberBatch): Promise<void>;
}

export interface MemberBatch extends Pick<EachBatchPayload, "batch" | "resolveOffset"> {
  /** False: the partition is about to be somebody else's, or nobody's. */
  isOurs(): boolean;
  /** Nothing of the partition comes for so long. */
  rest(ms: number): void;
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
  const onJoin = () => {
    if (isTold) logger.info("a consumer is back in its group", { groupId });
    isTold = false;
  };
  while (!signal.aborted) {
    try {
      await takePart(options, { ended, onJoin });
    } catch (error) {
      if (!isTold && !signal.aborted) logger.warn("a consumer lost Kafka; it comes back by itself", { groupId, error });
      isTold = true;
      await pauseUnless(signal, againAfterMs);
    }
  }
}

/** @throws whatever ends it but `ended` */
async function takePart(
  { client, groupId, topics, onBatch }: MemberOptions,
  { ended, onJoin }: { ended: Promise<void>; onJoin(): void },
): Promise<void> {
  const consumer = client.consumer({
    groupId,
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    maxWaitTimeInMs: maxFetchMs,
    maxBytesPerPartition: maxFetchBytes,
    // One that begins anew by itself may do so after it was stopped.
    retry: { ...retry, restartOnFailure: async () => false },
  });
  const crashed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
  crashed.catch(() => undefined);
  consumer.on(consumer.events.GROUP_JOIN, onJoin);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      // For other people's lag tools: what counts is the checkpoint.
      autoCommitInterval: commitEveryMs,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrently,
      eachBatch: (payload) => whileBeating(payload, onBatch),
    });
    await Promise.race([crashed, ended]);
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}

/** Who handles for long is alive all the same, until the group says that it goes on without him. */
async function whileBeating(
  { batch, resolveOffset, heartbeat, isRunning, pause }: EachBatchPayload,
  onBatch: MemberOptions["onBatch"],
): Promise<void> {
  let isRefused = false;
  const refuse = () => {
    isRefused = true;
  };
  const timer = setInterval(() => void heartbeat().catch(refuse), heartbeatMs);
  const rest = (ms: number) => {
    const resume = pause();
    setTimeout(() => {
      try {
        resume();
      } catch {
        // It has left the group meanwhile.
      }
    }, ms);
  };
  try {
    await onBatch({ batch, resolveOffset, isOurs: () => isRunning() && !isRefused, rest });
  } finally {
    clearInterval(timer);
  }
}
