import type { Db } from "@echo/db";
import type { Clock } from "../clock/clock.ts";
import type { Logger } from "../logger/logger.ts";
import { lanesBehind } from "./checkpoints.ts";
import { sweepGroup } from "./group-sweep.ts";
import { type LogReader, laneOf } from "./log-reader.ts";
import { assertGroupName, type ConsumeOptions, type Consumer, type Queue } from "./queue.ts";
import { createQueueOperations } from "./queue-operations.ts";

export interface EmbeddedQueueOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
  log: LogReader;
}

/** The event log itself, with a checkpoint for each lane of a group: who holds its row handles it. */
export function createEmbeddedQueue(options: EmbeddedQueueOptions): Queue {
  return {
    ...createQueueOperations(options),
    driver: { name: "postgres", isShared: true },
    consume: (consume) => startConsumer(options, consume),
    relay: () => ({ stop: async () => undefined }),
    ping: async () => void (await options.db.ping()),
    close: async () => undefined,
  };
}

function startConsumer({ db, logger, log }: EmbeddedQueueOptions, consume: ConsumeOptions): Consumer {
  assertGroupName(consume.group);
  const findDue = (head: { epoch: string; position: number }) => lanesBehind(db, consume, head);
  const sweep = sweepGroup({ db, log, logger, consume, reach: "head" }, { isByTopic: false, findDue });
  const forget = log.onAdvance((keys) => {
    const lanes = sweep.lanes();
    if (keys === null || lanes === null) return sweep.soon();
    const woken = new Set(keys.map(laneOf));
    sweep.wake(lanes.filter(({ lane }) => woken.has(lane)));
  });
  return {
    async stop() {
      forget();
      await sweep.stop();
    },
  };
}
