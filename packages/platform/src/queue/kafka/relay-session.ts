import { CompressionTypes, type Kafka, type Message, type Producer, type TopicMessages } from "kafkajs";
import { passKillPoint } from "../../lifecycle/kill-point.ts";
import { nameOf } from "../checkpoints.ts";
import { lockUnpublishedLetters, markLettersPublished } from "../dead-letters.ts";
import { laneOf } from "../log-reader.ts";
import type { QueueRecord } from "../queue.ts";
import { formatRecord } from "../record-format.ts";
import { retry } from "./create-client.ts";
import type { KafkaQueueOptions } from "./kafka-queue-options.ts";
import { checkpointPartition, earlierEpochs, findStart, relayGroup } from "./relay-start.ts";
import { type RelayPosition, saveRelayed } from "./relay-state.ts";
import { deadTopic } from "./topics.ts";

const batchSize = 1_000;
const letterBatch = 100;
/** The broker gives up a transaction of a relay that died, at the latest; the next relay ends it at once. */
const transactionMs = 30_000;
/** Kafka forgets a group's offset seven days after its last commit. */
const recommitAfterMs = 24 * 3_600_000;

export interface RelayOptions extends KafkaQueueOptions {
  client: Kafka;
}

/** A topic that is always there keeps the checkpoint. */
const checkpointTopic = ({ kafka, log }: RelayOptions): string => `${kafka.prefix}${log.topics[0]}`;

type Place = { epoch: string; position: number };

/** One turn as the active relay, from taking over until something fails or another takes over. */
export class RelaySession {
  readonly #options: RelayOptions;
  readonly #holder: string;
  readonly #producer: Producer;
  /** By topic and lane: the position of the last record. What is missing was sent before this turn. */
  readonly #previous = new Map<string, number>();
  readonly #earlierEpochs: string;
  #place: Place;
  #committedMs: number;

  private constructor(
    options: RelayOptions,
    holder: string,
    { producer, place, earlier }: { producer: Producer; place: Place; earlier: string },
  ) {
    this.#options = options;
    this.#holder = holder;
    this.#producer = producer;
    this.#place = place;
    this.#earlierEpochs = earlier;
    this.#committedMs = options.clock.monotonicMs();
  }

  /**
   * Of whoever has the right; from then on he who had it before is shut out of Kafka.
   * @throws what Kafka or the database fail with
   */
  static async open(
    options: RelayOptions,
    { holder, known }: { holder: string; known: RelayPosition },
  ): Promise<RelaySession> {
    const { client, kafka, db, log } = options;
    const producer = client.producer({
      transactionalId: `${kafka.prefix}echo-relay`,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: transactionMs,
      allowAutoTopicCreation: false,
      retry,
    });
    const admin = client.admin();
    try {
      await producer.connect();
      // What was begun by another is ended, and its producer shut out, before the checkpoint is read.
      await (await producer.transaction()).abort();
      await admin.connect();
      const { prefix } = kafka;
      const place = await findStart({ db, log, admin, prefix, topic: checkpointTopic(options), known });
      const earlier = earlierEpochs(await log.epochs(db), place.epoch);
      return new RelaySession(options, holder, { producer, place, earlier });
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  /** Sends what comes next, in one transaction with the checkpoint. False when there was nothing. */
  async step(): Promise<boolean> {
    const { db, log, logger } = this.#options;
    const records = await log.readAll(db, { from: this.#place.position, limit: batchSize });
    // All of one statement: they are of one epoch.
    const { epoch } = records[0] ?? (await log.head(db));
    if (epoch !== this.#place.epoch) throw new Error("the log's epoch changed");
    const [first, last] = [records[0], records.at(-1)];
    if (!first || !last) {
      if (this.#options.clock.monotonicMs() - this.#committedMs > recommitAfterMs) await this.#send([], this.#place);
      return false;
    }
    if (first.position !== this.#place.position + 1) {
      const lost = { from: this.#place.position, to: first.position - 1 };
      logger.error("events were dropped from the log before Kafka got them", lost);
    }
    passKillPoint("read>produce");
    const place = { epoch, position: last.position };
    await this.#send(this.#messagesOf(records), place);
    this.#place = place;
    await saveRelayed(db, this.#holder, place);
    return true;
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }

  /** What groups could not handle, for whoever watches Kafka; what a crash cuts may come twice. */
  async publishLetters(): Promise<void> {
    const { db, kafka } = this.#options;
    await db.transaction(async (tx) => {
      const letters = await lockUnpublishedLetters(tx, this.#options.log.topics, letterBatch);
      if (letters.length === 0) return;
      const messages = grouped(letters, ({ record }) => record.topic).map(([topic, own]) => ({
        topic: `${kafka.prefix}${deadTopic(topic)}`,
        messages: own.map(({ id, group, record, error, attempts, failedAt }) => ({
          key: record.key,
          value: JSON.stringify({ ...record, group, error, attempts, failedAt }),
          headers: { "letter-id": id },
        })),
      }));
      await this.#send(messages, this.#place);
      await markLettersPublished(
        tx,
        letters.map(({ id }) => id),
      );
    });
  }

  async #send(topicMessages: TopicMessages[], { epoch, position }: Place): Promise<void> {
    const { kafka, clock } = this.#options;
    const transaction = await this.#producer.transaction();
    // One partition after the other: of several brokers the client would, after a failure, send twice to one or never to another.
    for (const { topic, messages } of topicMessages) {
      await transaction.send({ topic, messages, acks: -1, compression: CompressionTypes.GZIP });
    }
    const partitions = [{ partition: checkpointPartition, offset: String(position) }];
    const topics = [{ topic: checkpointTopic(this.#options), partitions }];
    await transaction.sendOffsets({ consumerGroupId: relayGroup(kafka.prefix, epoch), topics });
    passKillPoint("produce>commit");
    await transaction.commit();
    this.#committedMs = clock.monotonicMs();
  }

  /** By partition. */
  #messagesOf(records: readonly QueueRecord[]): TopicMessages[] {
    const { prefix } = this.#options.kafka;
    // In the order of the log: each names the one before it.
    const messages = records.flatMap((record) => this.#messageOf(record) ?? []);
    return grouped(messages, ({ topic, partition }) => nameOf({ topic, lane: partition })).map(([, own]) => ({
      topic: `${prefix}${own[0]?.topic}`,
      messages: own,
    }));
  }

  /** Null for an event of a newer version: whoever knows it finds a gap where it is, and reads it from the log. */
  #messageOf(record: QueueRecord): (Message & { topic: string; partition: number }) | null {
    const { log, logger } = this.#options;
    const { topic, type, position } = record;
    const lane = laneOf(record.key);
    if (!log.knows(topic, type)) {
      logger.error("this version relays and does not know an event; it does not come to Kafka", { type, position });
      for (const each of log.topics) this.#previous.set(nameOf({ topic: each, lane }), position);
      return null;
    }
    const name = nameOf({ topic, lane });
    const previous = this.#previous.get(name) ?? null;
    this.#previous.set(name, position);
    return { ...formatRecord(record, { previous, earlierEpochs: this.#earlierEpochs }), topic, partition: lane };
  }
}

/** Each name with what is of it, in the order given. */
function grouped<T>(items: readonly T[], nameOfItem: (item: T) => string): [name: string, own: T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const own = groups.get(nameOfItem(item)) ?? [];
    own.push(item);
    groups.set(nameOfItem(item), own);
  }
  return [...groups];
}
