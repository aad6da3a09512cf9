import { createCore, openQueue, processConfigOf } from "@echo/core";
import { countEvents, rollupTopics } from "@echo/core/analytics";
import {
  databaseUrl,
  passKillPoint,
  poolMax,
  processSchema,
  type QueueRecord,
  readConfig,
  reportReady,
} from "@echo/platform";

/** A worker with a fault, for tests of the drill: PLANTED_FAULT says which. */
const Environment = processSchema({ DATABASE_URL: databaseUrl, DB_POOL_MAX: poolMax(10) });

const core = await createCore(processConfigOf("worker", readConfig(Environment, process.env)));
const countApart = (records: readonly QueueRecord[]) => core.db.transaction((tx) => countEvents(tx, records));

openQueue(core, null).consume({
  group: "rollups",
  topics: rollupTopics,
  async handle(tx, records) {
    if (process.env.PLANTED_FAULT === "effect outside the transaction") {
      await countApart(records);
      return;
    }
    // Checkpoint before effect.
    tx.afterCommit(() => {
      passKillPoint("handle>commit");
      void countApart(records);
    });
  },
});
reportReady({ port: 0, internalPort: 0 });
process.on("disconnect", () => process.exit(0));
