import { countEvents, forgetEvents, rollupStride, rollupTopics } from "@echo/core/analytics";
import type { ConsumeOptions } from "@echo/platform";

/** Messages, active senders, new users and new conversations, by the hour. */
export const rollups: ConsumeOptions = {
  group: "rollups",
  topics: rollupTopics,
  handle: countEvents,
  forget: { stride: rollupStride, after: forgetEvents },
};
