import { Kafka, type LogEntry, logLevel, type SASLOptions } from "kafkajs";
import type { Logger } from "../../logger/logger.ts";
import type { KafkaOptions } from "./kafka-options.ts";

const connectMs = 3_000;
const requestMs = 10_000;
/** A broker that is away is tried again by whoever calls: the client itself tries for about a second. */
export const retry = { initialRetryTime: 5, maxRetryTime: 500, factor: 0.2, multiplier: 2, retries: 8 };

/** The one client of a process. */
export function createClient({ brokers, isTls, sasl, clientId }: KafkaOptions, logger: Logger): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ssl: isTls,
    // Its type has a member for each mechanism.
    ...(sasl ? { sasl: sasl as SASLOptions } : {}),
    connectionTimeout: connectMs,
    authenticationTimeout: connectMs,
    requestTimeout: requestMs,
    retry,
    logLevel: logLevel.INFO,
    logCreator: () => createLog(logger),
  });
}

/** What it calls an error it mostly tries again by itself; what it does not, its callers are told and tell. */
const createLog =
  (logger: Logger) =>
  ({ namespace, log }: LogEntry): void => {
    const { message, error, broker, groupId } = log;
    logger.debug("Kafka's client", { part: namespace, reason: message, error, broker, groupId });
  };
