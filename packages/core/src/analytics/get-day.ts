import type { Core } from "../core.ts";
import { countSenders, findHours, type HourTotals } from "./repository.ts";

export type Totals = Omit<HourTotals, "startsAt">;

const dayMs = 86_400_000;

/** A day's totals, UTC, and those of its hours in which something happened. */
export async function getDay(core: Core, anyTimeOfIt: Date): Promise<{ day: Totals; hours: HourTotals[] }> {
  const from = new Date(Math.floor(anyTimeOfIt.getTime() / dayMs) * dayMs);
  const range = { from, to: new Date(from.getTime() + dayMs) };
  const [hours, activeSenders] = await Promise.all([findHours(core.db, range), countSenders(core.db, range)]);
  const sum = (of: (hour: HourTotals) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  return {
    hours,
    day: {
      messages: sum(({ messages }) => messages),
      activeSenders,
      newUsers: sum(({ newUsers }) => newUsers),
      newConversations: sum(({ newConversations }) => newConversations),
    },
  };
}
