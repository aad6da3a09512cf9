import type { EventName } from "@echo/contracts";
import type { Tx } from "@echo/db";
import type { QueueRecord } from "@echo/platform";
import { addToCounts, addToSenders, type Metric } from "./repository.ts";

/** What rollups are counted from. */
export const rollupTopics = ["messages", "user.registered"];

const metrics: Partial<Record<EventName, Metric>> = {
  "message.created": "messages",
  "user.registered": "newUsers",
  "conversation.created": "newConversations",
};

const hourMs = 3_600_000;
const hourOf = (time: Date): number => Math.floor(time.getTime() / hourMs) * hourMs;

/**
 * Counts events in the hours, UTC, in which they happened.
 * @param sign -1 takes back what the same records added
 */
export async function countEvents(tx: Tx, records: readonly QueueRecord[], sign: 1 | -1): Promise<void> {
  const counts = new Tally();
  const senders = new Tally();
  for (const { type, value, createdAt } of records) {
    const metric = metrics[type as EventName];
    if (!metric) continue;
    const hour = hourOf(createdAt);
    counts.add(hour, metric, sign);
    if (metric === "messages" && typeof value.actorId === "string") senders.add(hour, value.actorId, sign);
  }
  await addToCounts(tx, counts.rows());
  await addToSenders(tx, senders.rows());
}

/** How much to add where. */
class Tally {
  readonly #amounts = new Map<string, { hour: Date; name: string; amount: number }>();

  add(hour: number, name: string, amount: number): void {
    const key = `${hour} ${name}`;
    const known = this.#amounts.get(key);
    if (known) known.amount += amount;
    else this.#amounts.set(key, { hour: new Date(hour), name, amount });
  }

  rows() {
    return [...this.#amounts.values()];
  }
}
