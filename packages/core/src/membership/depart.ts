import type { Role } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { emitOnUserStreams } from "../event-log/index.ts";
import { emit } from "./emit.ts";
import { closeSpan, findHeir, lockParticipants, updateRole } from "./repository.ts";

/** Who goes, and by whom. */
export interface Departure {
  userId: string;
  role: Role;
  actorId: string;
}

/** Ends a membership in a locked conversation and tells both streams; ownership passes on when an owner goes. */
export async function depart(
  tx: Tx,
  conversation: { id: string },
  { userId, role, actorId }: Departure,
): Promise<void> {
  const heirId = role === "owner" ? await findHeir(tx, conversation.id, userId) : null;
  await lockParticipants(tx, conversation.id, heirId ? [userId, heirId] : [userId]);

  const removed = { type: "member.removed", actorId, refId: null, data: { userId, role } };
  const lastEventSeq = await emit(tx, conversation, [removed]);
  await closeSpan(tx, conversation.id, { userId, lastEventSeq });

  if (heirId) {
    await updateRole(tx, conversation.id, { userId: heirId, role: "owner" });
    const data = { userId: heirId, role: "owner" };
    await emit(tx, conversation, [{ type: "member.updated", actorId, refId: null, data }]);
  }

  const data = { conversationId: conversation.id, reason: userId === actorId ? "left" : "removed" };
  await emitOnUserStreams(tx, [
    { userId, event: { type: "conversation.removed", actorId, refId: conversation.id, data } },
  ]);
}
