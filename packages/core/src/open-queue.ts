import { eventCatalogue } from "@echo/contracts";
import { createQueue, type Queue } from "@echo/platform";
import type { Core } from "./core.ts";
import { createLogReader } from "./event-log/index.ts";

const topicOf = new Map(Object.entries(eventCatalogue).map(([type, { topic }]) => [type, topic]));

/** The durable pipeline over this Core's event log. */
export function openQueue({ db, logger, clock, events }: Core): Queue {
  return createQueue({ db, logger, clock, log: createLogReader(events, topicOf) });
}
