import type { EventName } from "@echo/contracts";
import type { Tx } from "@echo/db";
import type { QueueRecord } from "@echo/platform";
import { addSenders, addToCounts, deleteSince, type Metric, type Place } from "./repository.ts";

/** What rollups are counted from. */
export const rollupTopics = ["messages", "user.registered"];

/**
 * So many positions of the log are counted together: what is forgotten and counted anew at a time. Rows of another stride would
 * not be forgotten whole, and the log's partitions are multiples of it.
 */
export const rollupStride = 50_000;

const metrics: Partial<Record<EventName, Metric>> = {
  "message.created": "messages",
  "user.registered": "newUsers",
  "conversation.created": "newConversations",
};

const hourMs = 3_600_000;

const placeOf = ({ createdAt, position }: QueueRecord): Place => ({
  hour: new Date(Math.floor(createdAt.getTime() / hourMs) * hourMs),
  since: Math.floor((position - 1) / rollupStride) * rollupStride,
});

/** Counts events in the hours, UTC, in which they happened. */
export async function countEvents(tx: Tx, records: readonly QueueRecord[]): Promise<void> {
  const counts = new Tally();
  const senders = new Tally();
  for (const record of records) {
    const metric = metrics[record.type as EventName];
    if (!metric) continue;
    const place = placeOf(record);
    counts.add(place, metric);
    const { actorId } = record.value;
    if (metric === "messages" && typeof actorId === "string") senders.add(place, actorId);
  }
  await addToCounts(tx, counts.rows());
  await addSenders(tx, senders.rows());
}

/** Everything that was counted after `position`, a multiple of `rollupStride`. */
export const forgetEvents = (tx: Tx, position: number): Promise<void> => deleteSince(tx, position);

/** How often something is named where. */
class Tally {
  readonly #rows = new Map<string, Place & { name: string; times: number }>();

  add({ hour, since }: Place, name: string): void {
    const key = `${hour.getTime()} ${since} ${name}`;
    const known = this.#rows.get(key);
    if (known) known.times += 1;
    else this.#rows.set(key, { hour, since, name, times: 1 });
  }

  rows() {
    return [...this.#rows.values()];
  }
}
