import { countEvents, rollupTopics } from "@echo/core/analytics";
import type { ConsumeOptions } from "@echo/platform";

/** Messages, active senders, new users and new conversations, by the hour. */
export const rollups: ConsumeOptions = {
  group: "rollups",
  topics: rollupTopics,
  handle: (tx, records) => countEvents(tx, records, 1),
  undo: (tx, records) => countEvents(tx, records, -1),
};
