import type { EachBatchPayload, Kafka, KafkaMessage } from "kafkajs";
import { pauseUnless } from "../../time/pause-unless.ts";
import { type Lane, lanesDisplaced } from "../checkpoints.ts";
import { type GroupSweep, sweepGroup } from "../group-sweep.ts";
import type { LaneContext } from "../lane-step.ts";
import { LaneTries } from "../lane-tries.ts";
import { assertGroupName, type ConsumeOptions, type Consumer, type Queue } from "../queue.ts";
import { createQueueOperations } from "../queue-operations.ts";
import { type Incoming, parseRecord, type RawRecord } from "../record-format.ts";
import { stepRecords } from "../record-step.ts";
import { createClient } from "./create-client.ts";
import { joinGroup } from "./group-member.ts";
import type { KafkaQueueOptions } from "./kafka-queue-options.ts";
import { startRelay } from "./relay.ts";
import { createRelayCheck } from "./relay-check.ts";

/** Another consumer has the lane, or it goes on from the log. */
const busyMs = 50;

/** Kafka brings the records; the checkpoints are in the database, and so is the log that it may have lost some of. */
export function createKafkaQueue(options: KafkaQueueOptions): Queue {
  const { logger, kafka } = options;
  const client = createClient(kafka, logger);
  const check = createRelayCheck(client, options);
  return {
    ...createQueueOperations(options),
    driver: { name: "kafka", isShared: true },
    consume: (consume) => startConsumer(client, options, consume),
    relay: () => startRelay({ ...options, client }),
    ping: () => check.ping(),
    close: () => check.close(),
  };
}

function startConsumer(
  client: Kafka,
  { db, log, logger, kafka }: KafkaQueueOptions,
  consume: ConsumeOptions,
): Consumer {
  assertGroupName(consume.group);
  const context: LaneContext = { db, log, logger, consume, reach: "displaced" };
  const sweep = sweepGroup(context, { isByTopic: true, findDue: (head) => lanesDisplaced(db, consume, head) });
  const taker = new BatchTaker(context, sweep);
  const member = joinGroup({
    client,
    groupId: `${kafka.prefix}${consume.group}`,
    topics: consume.topics.map((topic) => `${kafka.prefix}${topic}`),
    logger,
    onBatch: (payload) => taker.take(payload, payload.batch.topic.slice(kafka.prefix.length)),
  });
  return {
    async stop() {
      taker.stop();
      await member.stop();
      await sweep.stop();
    },
  };
}

/** Handles what a group's member gets, transaction by transaction. */
class BatchTaker {
  readonly #context: LaneContext;
  readonly #sweep: GroupSweep;
  readonly #tries: LaneTries;
  readonly #ending = new AbortController();

  constructor(context: LaneContext, sweep: GroupSweep) {
    this.#context = context;
    this.#sweep = sweep;
    this.#tries = new LaneTries(context);
  }

  /** What is not done by then comes again, here or elsewhere. */
  stop(): void {
    this.#ending.abort();
  }

  async take(payload: EachBatchPayload, topic: string): Promise<void> {
    const { batch, resolveOffset, isRunning } = payload;
    const { messages } = batch;
    const lane = { topic, lane: batch.partition };
    const incoming = messages.map((message) => parseRecord(rawOf(lane, message), this.#context.log));
    let done = 0;
    while (done < incoming.length && isRunning() && !this.#ending.signal.aborted) {
      const count = await this.#step(lane, done === 0 ? incoming : incoming.slice(done));
      done += count;
      const last = messages[done - 1];
      if (count > 0 && last) resolveOffset(last.offset);
    }
  }

  async #step(lane: Lane, incoming: readonly Incoming[]): Promise<number> {
    const outcome = await this.#tries.try(lane, (step) => stepRecords(this.#context, step, incoming));
    if (outcome !== null && outcome !== "busy") return outcome.count;
    if (outcome === "busy") this.#sweep.wake([lane]);
    await pauseUnless(this.#ending.signal, outcome === null ? this.#tries.pauseMs(lane) : busyMs);
    return 0;
  }
}

const rawOf = ({ topic, lane }: Lane, { key, value, headers, offset, timestamp }: KafkaMessage): RawRecord => ({
  topic,
  partition: lane,
  offset,
  timestamp,
  key,
  value,
  headers: headers ?? {},
});
