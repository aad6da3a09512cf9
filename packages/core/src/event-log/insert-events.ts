import type { Tx } from "@echo/db";
import type { NewEvent } from "./event-log.ts";
import { insertPlaced } from "./repository/events.ts";
import { advanceUserStreams, lockUserStreams } from "./repository/user-streams.ts";

/** A stream whose row this transaction has locked and advanced. */
export interface LockedStream {
  id: string;
  /** What the first of the new events gets. */
  firstEventSeq: number;
}

/** Writes events on a locked stream, in their order. */
export async function insertEvents(tx: Tx, stream: LockedStream, events: readonly NewEvent[]): Promise<void> {
  const placed = events.map((event, index) => ({ streamId: stream.id, eventSeq: stream.firstEventSeq + index, event }));
  await insertPlaced(tx, placed);
}

/**
 * Writes events on people's own streams: locks their rows in id order, advances and inserts. Last in a transaction, after
 * every lock on conversations, participants and messages.
 */
export async function emitOnUserStreams(tx: Tx, events: readonly { userId: string; event: NewEvent }[]): Promise<void> {
  const eventSeqs = await lockUserStreams(tx, [...new Set(events.map(({ userId }) => userId))]);
  const added = new Map<string, number>();
  const placed = events.map(({ userId, event }) => {
    const nth = (added.get(userId) ?? 0) + 1;
    added.set(userId, nth);
    return { streamId: userId, eventSeq: (eventSeqs.get(userId) ?? 0) + nth, event };
  });
  await advanceUserStreams(tx, added);
  await insertPlaced(tx, placed);
}
