import type { Db } from "@echo/db";
import type { Clock } from "../clock/clock.ts";
import { badRequest, notFound } from "../errors.ts";
import type { Logger } from "../logger/logger.ts";
import { repeat } from "../time/repeat.ts";
import { singleFlight } from "../time/single-flight.ts";
import { insertRewind, lanesBehind, listGroups, makeCheckpoints } from "./checkpoints.ts";
import { countDeadLetters, listDeadLetters, requestReplay } from "./dead-letters.ts";
import { GroupRunner } from "./group-runner.ts";
import { type LogReader, laneCount, laneOf } from "./log-reader.ts";
import type { ConsumeOptions, Consumer, GroupState, Queue } from "./queue.ts";

/** Finds what no wake-up told: one that was lost, and lanes whose process died. */
const sweepMs = 1_000;
const groupNames = /^[a-z0-9-]{1,64}$/;

export interface EmbeddedQueueOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
  log: LogReader;
}

/** The event log itself, with a checkpoint for each lane of a group: who holds its row handles it. */
export function createEmbeddedQueue(options: EmbeddedQueueOptions): Queue {
  const { db, log } = options;
  return {
    driver: { name: "postgres", isShared: true },
    consume: (consume) => startConsumer(options, consume),
    async groups() {
      const letters = await countDeadLetters(db);
      const groups = await listGroups(db);
      return Promise.all(
        groups.map(async (group) => ({ ...(await stateOf(options, group)), ...lettersOf(letters, group) })),
      );
    },
    async rewind(group, position) {
      const { floor } = await log.head(db);
      if (!Number.isSafeInteger(position) || position < floor) {
        throw badRequest(`The log goes back to position ${floor} and not to ${position}`);
      }
      if (!(await insertRewind(db, group, position))) throw notFound(`No group "${group}" ever consumed`);
    },
    positionBefore: (time) => log.positionBefore(db, time),
    deadLetters: (limit) => listDeadLetters(db, limit),
    replay: (ids) => requestReplay(db, ids === "all" ? null : ids),
  };
}

const lettersOf = (letters: Map<string, number>, { group }: { group: string }) => ({
  deadLetters: letters.get(group) ?? 0,
});

async function stateOf(
  { db, log, clock }: EmbeddedQueueOptions,
  { group, topics, positions, rewindTo }: Awaited<ReturnType<typeof listGroups>>[number],
): Promise<Omit<GroupState, "deadLetters">> {
  const { events, oldestAt } = await log.backlog(db, { topics, positions });
  const seconds = oldestAt === null ? 0 : Math.max(0, (clock.now().getTime() - oldestAt.getTime()) / 1_000);
  return { group, position: Math.min(...positions), rewindTo, events, seconds };
}

function startConsumer({ db, logger, log }: EmbeddedQueueOptions, consume: ConsumeOptions): Consumer {
  if (!groupNames.test(consume.group)) throw new RangeError(`"${consume.group}" is no name of a group`);
  const runner = new GroupRunner({ db, log, logger, consume });
  let isKnown = false;
  const sweep = singleFlight(async () => {
    const head = await log.head(db);
    if (!isKnown) {
      const { group, topics } = consume;
      await makeCheckpoints(db, { group, topics, lanes: laneCount }, { epoch: head.epoch, position: head.floor });
      isKnown = true;
    }
    runner.wake(await lanesBehind(db, consume.group, head));
    runner.replay();
  });
  // What fails is tried again, and told, by the one that is repeated.
  const sweepSoon = () => void sweep().catch(() => undefined);
  const name = `the sweep of the group ${consume.group}`;
  const repeated = repeat({ name, everyMs: sweepMs, maxPauseMs: sweepMs, logger }, sweep);
  const forget = log.onAdvance((keys) => {
    if (keys === null || !isKnown) sweepSoon();
    else runner.wake(new Set(keys.map(laneOf)));
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
