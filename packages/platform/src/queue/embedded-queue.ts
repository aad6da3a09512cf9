import type { Db } from "@echo/db";
import type { Clock } from "../clock/clock.ts";
import type { Logger } from "../logger/logger.ts";
import { repeat } from "../time/repeat.ts";
import { singleFlight } from "../time/single-flight.ts";
import { type Lane, lanesBehind, makeCheckpoints } from "./checkpoints.ts";
import { GroupRunner } from "./group-runner.ts";
import { type LogReader, laneCount, laneOf } from "./log-reader.ts";
import { assertGroupName, type ConsumeOptions, type Consumer, type Queue } from "./queue.ts";
import { createQueueOperations } from "./queue-operations.ts";

/** Finds what no wake-up told: one that was lost, and lanes whose process died. */
const sweepMs = 1_000;

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
    ping: async () => void (await options.db.ping()),
    close: async () => undefined,
  };
}

function startConsumer({ db, logger, log }: EmbeddedQueueOptions, consume: ConsumeOptions): Consumer {
  const { group, topics } = consume;
  assertGroupName(group);
  const runner = new GroupRunner({ db, log, logger, consume, reach: "head" });
  let lanes: readonly Lane[] | null = null;
  const sweep = singleFlight(async () => {
    const head = await log.head(db);
    const start = { epoch: head.epoch, position: head.floor };
    lanes ??= await makeCheckpoints(db, { group, topics, lanes: laneCount, isByTopic: false }, start);
    runner.wake(await lanesBehind(db, consume, head));
    runner.replay();
  });
  // What fails is tried again, and told, by the one that is repeated.
  const sweepSoon = () => void sweep().catch(() => undefined);
  const name = `the sweep of the group ${consume.group}`;
  const repeated = repeat({ name, everyMs: sweepMs, maxPauseMs: sweepMs, logger }, sweep);
  const forget = log.onAdvance((keys) => {
    if (keys === null || lanes === null) return sweepSoon();
    const woken = new Set(keys.map(laneOf));
    runner.wake(lanes.filter(({ lane }) => woken.has(lane)));
  });
  sweepSoon();
  return {
    async stop() {
      forget();
      await repeated.stop();
      await runner.stop();
      // Joins what is under way; it wakes nobody any more.
      await sweep().catch(() => undefined);
    },
  };
}
