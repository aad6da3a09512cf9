import { eventCatalogue } from "@echo/contracts";
import {
  createQueue,
  createQueueOperations,
  type KafkaOptions,
  type Queue,
  type QueueOperations,
} from "@echo/platform";
import type { Core } from "./core.ts";
import { createLogReader } from "./event-log/index.ts";

const topicOf = new Map(Object.entries(eventCatalogue).map(([type, { topic }]) => [type, topic]));

/** Of the catalogue of events; the first is there in every version. */
export const queueTopics: readonly string[] = [...new Set(["messages", ...topicOf.values()])];

const logOf = ({ events }: Core) => createLogReader(events, { topicOf, topics: queueTopics });

/** The durable pipeline over this Core's event log; without Kafka consumers read the log itself. */
export function openQueue(core: Core, kafka: KafkaOptions | null): Queue {
  const { db, logger, clock } = core;
  return createQueue({ db, logger, clock, log: logOf(core), kafka });
}

/** What operators see of the consumers and ask of them, whatever brings the records. */
export function openQueueOperations(core: Core): QueueOperations {
  const { db, clock } = core;
  return createQueueOperations({ db, clock, log: logOf(core) });
}
