import { randomBytes } from "node:crypto";
import { type Core, queueTopics, stopCore } from "@echo/core";
import { statement } from "@echo/db";
import { withTopics } from "@echo/platform";
import type { Child } from "../processes/start-child.ts";
import { recordsTable } from "./insert-records-statement.ts";
import type { QueueProcess } from "./queue/main.ts";
import type { World } from "./world.ts";

const streams = 1_000;

/** A log that is full, on a database of its own, and a Kafka. */
export interface Pipeline {
  databaseUrl: string;
  brokers: string;
  /** So many the log holds. */
  events: number;
  /** New ones, empty. Answers what their names begin with. */
  makeTopics(): Promise<string>;
  /** A process with the queue on Kafka's topics of that prefix; null: on the log itself. */
  startQueue(prefix: string | null): Promise<Child<QueueProcess>>;
  /** The next relay begins at the log's beginning. */
  resetRelay(): Promise<void>;
  /** How many events are in Kafka for good. */
  countRelayed(): Promise<number>;
  emptyTable(): Promise<void>;
  countRows(): Promise<number>;
  close(): Promise<void>;
}

const fill = statement<never>(
  "bench_fill_log",
  `WITH stream AS MATERIALIZED (
     SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS actor_id FROM generate_series(0, ${streams - 1}) AS n
   )
   INSERT INTO messages.event_new (stream_id, event_seq, type, actor_id, ref_id)
   SELECT stream.id, 1 + event.n / ${streams}, 'message.created', stream.actor_id, gen_random_uuid()
   FROM generate_series(0, $1::int - 1) AS event(n) JOIN stream ON stream.n = event.n % ${streams} ORDER BY event.n`,
);
const makeTable = statement<never>("bench_make_records", recordsTable);
const empty = statement<never>("bench_empty_records", "TRUNCATE bench_records");
const count = statement<{ count: number }>("bench_count_records", "SELECT count(*)::int AS count FROM bench_records");
const reset = statement<never>(
  "bench_reset_relay",
  "UPDATE messages.relay_state SET holder = NULL, held_until = NULL, epoch = NULL, position = 0",
);
const relayed = statement<{ position: number }>("bench_relayed", "SELECT position FROM messages.relay_state");
// Else it comes when it likes, in the midst of a round.
const tidy = statement<never>("", "VACUUM ANALYZE messages.event_log, messages.event_new");

/** @throws Error where this machine has no Kafka */
export async function openPipeline(world: World, events: number): Promise<Pipeline> {
  const brokers = await world.kafkaBrokers();
  const { core, databaseUrl } = await world.openBeside();
  const { db, logger } = core;
  await fillLog(core, events);
  await db.query(makeTable);
  return {
    databaseUrl,
    brokers,
    events,
    async makeTopics() {
      const prefix = `bench-${randomBytes(4).toString("hex")}-`;
      const kafka = { brokers: [brokers], isTls: false, sasl: null, prefix, clientId: "bench" };
      await withTopics({ kafka, names: queueTopics, logger }, (topics) => topics.create());
      return prefix;
    },
    startQueue(prefix) {
      const kafka: Record<string, string> =
        prefix === null ? {} : { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix };
      return world.startQueue({ environment: { DATABASE_URL: databaseUrl, ...kafka } });
    },
    resetRelay: async () => void (await db.query(reset)),
    countRelayed: async () => (await db.query(relayed))[0]?.position ?? 0,
    emptyTable: async () => void (await db.query(empty)),
    countRows: async () => (await db.query(count))[0]?.count ?? 0,
    close: () => stopCore(core),
  };
}

async function fillLog({ db, events }: Core, count: number): Promise<void> {
  await db.query(fill, [count]);
  await events.appendNow();
  await db.query(tidy);
  const { position } = await events.head();
  if (position !== count) throw new Error(`the log holds ${position} events and not ${count}`);
}
