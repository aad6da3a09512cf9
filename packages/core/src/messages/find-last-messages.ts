import type { Message } from "@echo/contracts";
import type { Queryable } from "@echo/db";
import type { SeenConversation } from "../membership/index.ts";
import { findWindows } from "./find-windows.ts";
import { listMessagesBySeqs } from "./repository/read.ts";
import { toMessage } from "./to-message.ts";
import { afterLastSeq, lastVisibleSeq } from "./window.ts";

/** Where a conversation ends for one person. */
export interface LastMessage {
  /** Of the conversation; for a former member as it was then. */
  lastSeq: number;
  /** The newest that they may read. */
  lastMessage: Message | null;
}

/** The ends of these conversations, all of them seen by one person, in their order. */
export async function findLastMessages(
  db: Queryable,
  userId: string,
  conversations: readonly SeenConversation[],
): Promise<LastMessage[]> {
  const windows = await findWindows(db, conversations);
  const ends = conversations.map(({ conversationId, lastSeq }, i) => {
    const own = windows[i] ?? [];
    return {
      conversationId,
      seq: lastVisibleSeq(own, lastSeq),
      lastSeq: Math.min(lastSeq, (own.at(-1)?.to ?? afterLastSeq) - 1),
    };
  });
  const rows = await listMessagesBySeqs(
    db,
    userId,
    ends.filter(({ seq }) => seq > 0),
  );
  const messages = new Map(rows.map((row) => [row.conversationId, toMessage(row)]));
  return ends.map(({ conversationId, lastSeq }) => ({ lastSeq, lastMessage: messages.get(conversationId) ?? null }));
}
