import type { Overview } from "@echo/contracts";
import type { Core } from "../core.ts";
import { heardHubNodes } from "./hub-nodes.ts";
import { countMessagesByHour, countTraffic, countUsers } from "./repository.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const hoursShown = 24;
/** Every open console asks each 5 s: they share one reading. */
const sharedForMs = 2_000;

interface Reading {
  startedAtMs: number;
  overview: Promise<Overview>;
}

const readings = new WeakMap<Core, Reading>();

/** The state of the whole system at a glance, at most two seconds old. */
export function getOverview(core: Core): Promise<Overview> {
  const nowMs = core.clock.monotonicMs();
  const last = readings.get(core);
  if (last && nowMs - last.startedAtMs < sharedForMs) return last.overview;
  const overview = readOverview(core);
  readings.set(core, { startedAtMs: nowMs, overview });
  // A failed one is nobody's but the caller's.
  overview.catch(() => readings.delete(core));
  return overview;
}

async function readOverview(core: Core): Promise<Overview> {
  const now = core.clock.now();
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const firstHour = new Date((Math.floor(now.getTime() / hourMs) - hoursShown + 1) * hourMs);
  const [users, lastMinute, counted, head] = await Promise.all([
    countUsers(core.db, ago(24 * hourMs)),
    countTraffic(core.db, { from: ago(minuteMs), to: now }),
    countMessagesByHour(core.db, firstHour),
    core.events.head(),
  ]);
  return {
    at: now.toISOString(),
    users,
    nodes: heardHubNodes(core),
    lastMinute,
    log: { epoch: head.epoch, position: head.position },
    hours: everyHour(firstHour, counted),
  };
}

function everyHour(firstHour: Date, counted: readonly { startsAt: Date; messages: number }[]): Overview["hours"] {
  const messagesAt = new Map(counted.map(({ startsAt, messages }) => [startsAt.getTime(), messages]));
  return Array.from({ length: hoursShown }, (_, index) => {
    const startsAtMs = firstHour.getTime() + index * hourMs;
    return { startsAt: new Date(startsAtMs).toISOString(), messages: messagesAt.get(startsAtMs) ?? 0 };
  });
}
