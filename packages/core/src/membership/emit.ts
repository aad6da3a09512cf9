import type { Tx } from "@echo/db";
import { insertEvents, type NewEvent } from "../event-log/index.ts";
import { advanceEventSeq } from "./repository.ts";

const membersBy: Record<string, number> = { "member.added": 1, "member.removed": -1 };

/**
 * Writes events on the stream of a conversation that this transaction has locked, and keeps its count of members.
 * Answers the event_seq of the first; the others follow it.
 */
export async function emit(tx: Tx, conversation: { id: string }, events: NewEvent[]): Promise<number> {
  const members = events.reduce((sum, event) => sum + (membersBy[event.type] ?? 0), 0);
  const first = await advanceEventSeq(tx, conversation.id, { events: events.length, members });
  await insertEvents(tx, { id: conversation.id, firstEventSeq: first }, events);
  return first;
}
