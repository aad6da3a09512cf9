import type { Overview } from "@echo/contracts";
import { type HourTotals, listHours } from "../analytics/index.ts";
import type { Core } from "../core.ts";
import { openQueueOperations } from "../open-queue.ts";
import { heardHubNodes } from "./hub-nodes.ts";
import { countTraffic, countUsers } from "./repository.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const hoursShown = 24;
/** Every open console asks each 5 s: they share one reading. */
const sharedForMs = 2_000;
/** One that took long is shared for so many times as long: on a big database the answers get older, not the load higher. */
const restFactor = 9;

interface Reading {
  overview: Promise<Overview>;
  /** Of the process' clock; endless while it is under way. */
  sharedUntilMs: number;
}

const readings = new WeakMap<Core, Reading>();

/** The state of the whole system at a glance; a reading of a moment ago is good enough. */
export function getOverview(core: Core): Promise<Overview> {
  const last = readings.get(core);
  if (last && core.clock.monotonicMs() < last.sharedUntilMs) return last.overview;
  const reading = { overview: readOverview(core), sharedUntilMs: Number.POSITIVE_INFINITY };
  readings.set(core, reading);
  void shareFor(core, reading);
  return reading.overview;
}

async function shareFor({ clock }: Core, reading: Reading): Promise<void> {
  const startedAtMs = clock.monotonicMs();
  try {
    await reading.overview;
    const endedAtMs = clock.monotonicMs();
    reading.sharedUntilMs = endedAtMs + Math.max(sharedForMs, (endedAtMs - startedAtMs) * restFactor);
  } catch {
    // Whoever waits for it is told; the next one tries again.
    reading.sharedUntilMs = 0;
  }
}

async function readOverview(core: Core): Promise<Overview> {
  const now = core.clock.now();
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const firstHour = new Date((Math.floor(now.getTime() / hourMs) - hoursShown + 1) * hourMs);
  const [users, lastMinute, counted, groups, head] = await Promise.all([
    countUsers(core.db, ago(24 * hourMs)),
    countTraffic(core.db, { from: ago(minuteMs), to: now }),
    listHours(core, { from: firstHour, to: now }),
    openQueueOperations(core).groups(),
    core.events.head(),
  ]);
  return {
    at: now.toISOString(),
    users,
    nodes: heardHubNodes(core),
    lastMinute,
    log: { epoch: head.epoch, position: head.position },
    consumers: groups.map(({ group, events, seconds, deadLetters }) => ({
      group,
      behind: { events, seconds },
      deadLetters,
    })),
    hours: everyHour(firstHour, counted),
  };
}

function everyHour(firstHour: Date, counted: readonly HourTotals[]): Overview["hours"] {
  const totalsAt = new Map(counted.map((hour) => [hour.startsAt.getTime(), hour]));
  return Array.from({ length: hoursShown }, (_, index) => {
    const startsAtMs = firstHour.getTime() + index * hourMs;
    const { messages = 0, activeSenders = 0 } = totalsAt.get(startsAtMs) ?? {};
    return { startsAt: new Date(startsAtMs).toISOString(), messages, activeSenders };
  });
}
