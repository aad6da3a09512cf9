import type { Db } from "@echo/db";
import type { Clock } from "../clock/clock.ts";
import { badRequest, notFound } from "../errors.ts";
import { listGroups } from "./checkpoints.ts";
import { countDeadLetters, listDeadLetters, requestReplay } from "./dead-letters.ts";
import type { LogReader } from "./log-reader.ts";
import type { GroupState, Lag, Queue } from "./queue.ts";
import { requestRewind } from "./rewind.ts";

interface OperationOptions {
  db: Db;
  clock: Clock;
  log: LogReader;
}

export type QueueOperations = Pick<Queue, "groups" | "rewind" | "positionBefore" | "deadLetters" | "replay">;

/** What operators see and ask for: it is all in the database, whoever brings the records. */
export function createQueueOperations(options: OperationOptions): QueueOperations {
  const { db, log } = options;
  return {
    groups: () => listStates(options),
    async rewind(group, position) {
      const { floor } = await log.head(db);
      if (!Number.isSafeInteger(position) || position < floor) {
        throw badRequest(`The log goes back to position ${floor} and not to ${position}`);
      }
      if (!(await requestRewind(db, group, position))) throw notFound(`No group "${group}" ever consumed`);
    },
    positionBefore: (time) => log.positionBefore(db, time),
    deadLetters: (limit) => listDeadLetters(db, limit),
    replay: (ids) => requestReplay(db, ids === "all" ? null : ids),
  };
}

async function listStates(options: OperationOptions): Promise<GroupState[]> {
  const { db, log } = options;
  const letters = await countDeadLetters(db);
  const { position: head } = await log.head(db);
  const states = new Map<string, GroupState>();
  for (const { group, topics, positions, rewindTo } of await listGroups(db)) {
    const { first, ...lag } = await lagOf(options, { topics, positions });
    const own = { group, position: first === null ? head : first - 1, rewindTo, ...lag };
    states.set(group, { ...sumOf(states.get(group), own), deadLetters: letters.get(group) ?? 0 });
  }
  return [...states.values()];
}

type Part = Omit<GroupState, "deadLetters">;

/** Of the topics of a group that is split by them. */
const sumOf = (one: Part | undefined, other: Part): Part =>
  one === undefined
    ? other
    : {
        group: one.group,
        position: Math.min(one.position, other.position),
        rewindTo: one.rewindTo === null ? other.rewindTo : Math.min(one.rewindTo, other.rewindTo ?? one.rewindTo),
        events: one.events + other.events,
        seconds: Math.max(one.seconds, other.seconds),
      };

async function lagOf(
  { db, log, clock }: OperationOptions,
  reached: { topics: readonly string[]; positions: readonly number[] },
): Promise<Lag & { first: number | null }> {
  const { events, first, oldestAt } = await log.backlog(db, reached);
  const seconds = oldestAt === null ? 0 : Math.max(0, (clock.now().getTime() - oldestAt.getTime()) / 1_000);
  return { events, first, seconds };
}
