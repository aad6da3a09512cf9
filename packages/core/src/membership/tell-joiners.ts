import type { Tx } from "@echo/db";
import { emitOnUserStreams } from "../event-log/index.ts";
import type { Joiner } from "./repository.ts";

/** Writes `conversation.added` on each joiner's own stream: from where on the conversation is theirs. */
export function tellJoiners(
  tx: Tx,
  conversation: { id: string; actorId: string },
  joiners: readonly Joiner[],
): Promise<void> {
  const { id: conversationId, actorId } = conversation;
  const events = joiners.map(({ userId, spanFrom }) => ({
    userId,
    event: { type: "conversation.added", actorId, refId: conversationId, data: { conversationId, spanFrom } },
  }));
  return emitOnUserStreams(tx, events);
}
