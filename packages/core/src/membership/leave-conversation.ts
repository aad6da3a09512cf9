import type { Empty, LeaveConversationInput } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { depart } from "./depart.ts";
import { noConversation, refuseDirect, requireSeen } from "./policy.ts";
import { lockConversation } from "./repository.ts";

/** Leaving twice is leaving once. */
export async function leaveConversation(core: Core, actor: Actor, input: LeaveConversationInput): Promise<Empty> {
  await core.db.transaction(async (tx) => {
    const conversation = await lockConversation(tx, input.conversationId);
    if (!conversation) throw noConversation();
    const { role, leftAt } = await requireSeen(tx, actor, conversation.id);
    refuseDirect(conversation.type);
    if (!leftAt) await depart(tx, conversation, { userId: actor.userId, role, actorId: actor.userId });
  });
  core.events.appendSoon();
  return {};
}
