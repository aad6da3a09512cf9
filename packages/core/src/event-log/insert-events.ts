import type { Tx } from "@echo/db";
import type { NewEvent } from "./event-log.ts";
import { insertOnStream, insertOnUserStreams } from "./repository/events.ts";

/** A stream whose row this transaction has locked and advanced. */
export interface LockedStream {
  id: string;
  /** What the first of the new events gets. */
  firstEventSeq: number;
}

/** Writes events on a locked stream, in their order. */
export async function insertEvents(tx: Tx, stream: LockedStream, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0) await insertOnStream(tx, stream, events);
}

/**
 * Writes events on people's own streams: locks their rows in id order, making those that are missing, and advances them.
 * Last in a transaction, after every lock on conversations, participants and messages.
 */
export async function emitOnUserStreams(tx: Tx, events: readonly { userId: string; event: NewEvent }[]): Promise<void> {
  if (events.length > 0) await insertOnUserStreams(tx, events);
}
