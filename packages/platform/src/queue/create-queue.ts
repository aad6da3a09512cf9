import type { Db } from "@echo/db";
import type { Clock } from "../clock/clock.ts";
import type { Logger } from "../logger/logger.ts";
import { createEmbeddedQueue } from "./embedded-queue.ts";
import type { KafkaOptions } from "./kafka/kafka-options.ts";
import { createKafkaQueue } from "./kafka/kafka-queue.ts";
import type { LogReader } from "./log-reader.ts";
import type { Queue } from "./queue.ts";

export interface QueueOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
  log: LogReader;
  /** Null: the log itself is the queue. */
  kafka: KafkaOptions | null;
}

/** The durable pipeline over a log. */
export function createQueue({ kafka, ...options }: QueueOptions): Queue {
  return kafka === null ? createEmbeddedQueue(options) : createKafkaQueue({ ...options, kafka });
}
