import { Kafka, type LogEntry, logLevel, type SASLOptions } from "kafkajs";
import type { Logger } from "../../logger/logger.ts";
import type { KafkaOptions } from "./kafka-options.ts";

const connectMs = 3_000;
const requestMs = 10_000;
/** A sentence of the client's is not told again for so long. */
const repeatedAfterMs = 60_000;

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

/** Most of what it calls an error it tries again by itself: that is a warning, once a minute. */
function createLog(logger: Logger): (entry: LogEntry) => void {
  const toldAt = new Map<string, number>();
  return ({ level, namespace, log }) => {
    const { message, error, broker, groupId } = log;
    const fields = { part: namespace, reason: message, error, broker, groupId };
    const before = toldAt.get(message) ?? 0;
    if (level > logLevel.ERROR || Date.now() - before < repeatedAfterMs) return logger.debug("Kafka's client", fields);
    toldAt.set(message, Date.now());
    logger.warn("Kafka's client", fields);
  };
}
