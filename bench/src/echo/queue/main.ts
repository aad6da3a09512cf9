import { createCore, openQueue, queueTopics } from "@echo/core";
import { statement } from "@echo/db";
import { type Consumer, type Queue, startProcess } from "@echo/platform";
import { serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { readBenchConfig } from "../bench-core.ts";
import { insertRecordsSql, insertRecordsValues } from "../insert-records-statement.ts";

const insert = statement<never>("bench_insert_records", insertRecordsSql);

const commandsOf = (queue: Queue) => {
  let relay: Consumer | null = null;
  return {
    relay(_: null): void {
      relay = queue.relay();
    },
    async endRelay(_: null): Promise<void> {
      await relay?.stop();
    },
    /** Everything that there is, from its beginning on; answers how long it took. */
    async consume({ group, events }: { group: string; events: number }): Promise<number> {
      const startedMs = performance.now();
      let handled = 0;
      let tell: () => void = () => undefined;
      const done = new Promise<void>((resolve) => {
        tell = resolve;
      });
      const consumer = queue.consume({
        group,
        topics: queueTopics,
        async handle(tx, records) {
          await tx.query(insert, insertRecordsValues(records));
          handled += records.length;
          if (handled >= events) tell();
        },
      });
      await done;
      const ms = performance.now() - startedMs;
      await consumer.stop();
      return ms;
    },
  };
};
export type QueueProcess = ReturnType<typeof commandsOf>;

await startProcess("queue", async () => {
  const config = readBenchConfig(process.env);
  serveCommands(commandsOf(openQueue(await createCore(config), config.kafka)));
  // In order, so that a profile is written.
  process.once("SIGTERM", () => process.exit(0));
  tellReady();
});
