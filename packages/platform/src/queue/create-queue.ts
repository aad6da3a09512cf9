import type { Db } from "@echo/db";
import type { Clock } from "../clock/clock.ts";
import type { Logger } from "../logger/logger.ts";
import { createEmbeddedQueue } from "./embedded-queue.ts";
import type { LogReader } from "./log-reader.ts";
import type { Queue } from "./queue.ts";

export interface QueueOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
  log: LogReader;
}

/** The durable pipeline over a log. */
export const createQueue = (options: QueueOptions): Queue => createEmbeddedQueue(options);
