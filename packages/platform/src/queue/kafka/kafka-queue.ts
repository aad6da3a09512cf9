import type { Kafka } from "kafkajs";
import { type Lane, lanesDisplaced } from "../checkpoints.ts";
import { type GroupSweep, sweepGroup } from "../group-sweep.ts";
import type { LaneContext } from "../lane-step.ts";
import { LaneTries } from "../lane-tries.ts";
import { assertGroupName, type ConsumeOptions, type Consumer, type Queue } from "../queue.ts";
import { createQueueOperations } from "../queue-operations.ts";
import { type Incoming, parseRecord } from "../record-format.ts";
import { stepRecords } from "../record-step.ts";
import { createClient } from "./create-client.ts";
import { joinGroup, type MemberBatch } from "./group-member.ts";
import type { KafkaQueueOptions } from "./kafka-queue-options.ts";
import { rawOf } from "./raw-of.ts";
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
    onBatch: (batch) => taker.take(batch, batch.batch.topic.slice(kafka.prefix.length)),
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
  #isStopped = false;

  constructor(context: LaneContext, sweep: GroupSweep) {
    this.#context = context;
    this.#sweep = sweep;
    this.#tries = new LaneTries(context);
  }

  /** What is not done by then comes again, here or elsewhere. */
  stop(): void {
    this.#isStopped = true;
  }

  async take({ batch, resolveOffset, isOurs, rest }: MemberBatch, topic: string): Promise<void> {
    const { messages } = batch;
    const lane = { topic, lane: batch.partition };
    const incoming = messages.map((message) => parseRecord(rawOf(message, lane), this.#context.log));
    for (let done = 0; done < incoming.length && isOurs() && !this.#isStopped; ) {
      const count = await this.#step(lane, done === 0 ? incoming : incoming.slice(done), rest);
      if (count === null) return;
      done += count;
      const last = messages[done - 1];
      if (count > 0 && last) resolveOffset(last.offset);
    }
  }

  /** Null when it is not this lane's time: other partitions go on meanwhile, and what is left of the batch comes again. */
  async #step(lane: Lane, incoming: readonly Incoming[], rest: (ms: number) => void): Promise<number | null> {
    const outcome = await this.#tries.try(lane, (step) => stepRecords(this.#context, step, incoming));
    if (outcome !== null && outcome !== "busy") return outcome.count;
    if (outcome === "busy") this.#sweep.wake([lane]);
    rest(outcome === null ? this.#tries.pauseMs(lane) : busyMs);
    return null;
  }
}
