import type { EventMessage } from "@echo/contracts";
import type { Queryable } from "@echo/db";
import { listMessagesByIds } from "./repository/read.ts";
import { toMessage } from "./to-message.ts";

/** A message as an event carries it, and the event_seq by which a right to its quote is judged. */
export interface MessageBody {
  message: EventMessage;
  quote: { eventSeq: number } | null;
}

/** The bodies of these messages as they are now, one read for all receivers; a message that is gone is missing. */
export async function readMessagesForEvents(
  db: Queryable,
  messageIds: readonly string[],
): Promise<Map<string, MessageBody>> {
  const rows = await listMessagesByIds(db, messageIds);
  return new Map(
    rows.map((row) => [row.id, { message: toMessage(row), quote: row.quote && { eventSeq: row.quote.eventSeq } }]),
  );
}
