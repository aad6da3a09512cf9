import { type Batch, CompressionTypes, Kafka, type KafkaMessage, logLevel, type Message } from "kafkajs";
import pg from "pg";
import { z } from "zod";
import { insertRecordsSql, insertRecordsValues } from "../../echo/insert-records-statement.ts";
import { readChildConfig, serveCommands, tellReady } from "../../processes/serve-commands.ts";

// A bare kafkajs: what comes is believed, and nobody looks for what is missing.
const Config = z.object({ brokers: z.string(), databaseUrl: z.string(), topics: z.array(z.string()) });
const { brokers, databaseUrl, topics } = readChildConfig(Config);
// By default a producer waits 300 ms when the broker is not done with the transaction before: nobody would leave it so.
const retry = { initialRetryTime: 5, maxRetryTime: 500, factor: 0.2, multiplier: 2, retries: 8 };
const kafka = new Kafka({ clientId: "bench", brokers: [brokers], retry, logLevel: logLevel.NOTHING });
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });

/** As Echo's relay does. */
const transactionRecords = 1_000;

interface Source {
  prefix: string;
  events: number;
}

/** A record as it was read, to be sent once more. */
interface Loaded {
  topic: string;
  position: number;
  message: Message;
}

let loaded: Loaded[] = [];
let sent = 0;

const commands = {
  /** Has the records of a relay at hand, in the log's order. */
  async load({ prefix, events }: Source): Promise<void> {
    loaded = [];
    await readAll({ prefix, events }, async ({ topic, partition, messages }) => {
      const name = topic.slice(prefix.length);
      for (const message of messages) loaded.push(loadedOf(name, partition, message));
    });
    loaded.sort((a, b) => a.position - b.position);
  },
  /** Sends them to the topics of that prefix, each thousand in a transaction with the offset of its source. */
  send({ prefix }: { prefix: string }): Promise<void> {
    sent = 0;
    return sendLoaded(prefix);
  },
  sent: (_: null): number => sent,
  /** Everything that there is, from its beginning on, a row each; answers how long it took. */
  consume: (source: Source): Promise<number> =>
    readAll(source, async ({ messages }) => {
      await pool.query({
        name: "bench_insert_records",
        text: insertRecordsSql,
        values: insertRecordsValues(messages.map(rowOf)),
      });
    }),
};
export type BareKafka = typeof commands;

const positionOf = ({ headers }: KafkaMessage): number => Number(headers?.position?.toString());

const loadedOf = (topic: string, partition: number, message: KafkaMessage): Loaded => {
  const { key, value, headers = {}, timestamp } = message;
  return { topic, position: positionOf(message), message: { key, value, headers, timestamp, partition } };
};

function rowOf(message: KafkaMessage) {
  const { createdAt, ...value } = JSON.parse(String(message.value));
  const type = String(message.headers?.type);
  return { position: positionOf(message), key: String(message.key), type, value, createdAt };
}

async function sendLoaded(prefix: string): Promise<void> {
  const transactionalId = `${prefix}bare`;
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, retry });
  await producer.connect();
  for (let at = 0; at < loaded.length; at += transactionRecords) {
    const some = loaded.slice(at, at + transactionRecords);
    const transaction = await producer.transaction();
    const topicMessages = topics.flatMap((name) => {
      const messages = some.filter(({ topic }) => topic === name).map(({ message }) => message);
      return messages.length > 0 ? [{ topic: `${prefix}${name}`, messages }] : [];
    });
    await transaction.sendBatch({ topicMessages, acks: -1, compression: CompressionTypes.GZIP });
    const partitions = [{ partition: 0, offset: String(some.at(-1)?.position) }];
    const source = { topic: `${prefix}${topics[0]}`, partitions };
    await transaction.sendOffsets({ consumerGroupId: `${transactionalId}-source`, topics: [source] });
    await transaction.commit();
    sent += some.length;
  }
  await producer.disconnect();
}

let readers = 0;

/** Has each batch handled as it comes and commits its offset, until there were so many records; answers how long that took. */
async function readAll({ prefix, events }: Source, handle: (batch: Batch) => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  readers += 1;
  const consumer = kafka.consumer({ groupId: `${prefix}bare-${process.pid}-${readers}`, maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topics: topics.map((name) => `${prefix}${name}`), fromBeginning: true });
  let read = 0;
  const ms = await new Promise<number>((resolve, reject) => {
    const running = consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      async eachBatch({ batch }) {
        await handle(batch);
        const { topic, partition } = batch;
        await consumer.commitOffsets([{ topic, partition, offset: String(Number(batch.lastOffset()) + 1) }]);
        read += batch.messages.length;
        if (read >= events) resolve(performance.now() - startedMs);
      },
    });
    running.catch(reject);
  });
  await consumer.disconnect();
  return ms;
}

serveCommands(commands);
tellReady();
