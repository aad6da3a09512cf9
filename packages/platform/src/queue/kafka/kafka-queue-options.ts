import type { Db } from "@echo/db";
import type { Clock } from "../../clock/clock.ts";
import type { Logger } from "../../logger/logger.ts";
import type { LogReader } from "../log-reader.ts";
import type { KafkaOptions } from "./kafka-options.ts";

export interface KafkaQueueOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
  log: LogReader;
  kafka: KafkaOptions;
}
