import type { Empty, RemoveMemberInput } from "@echo/contracts";
import { notFound } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { depart } from "./depart.ts";
import { noConversation, refuseDirect, requireMayRemove, requireMember } from "./policy.ts";
import { lockConversation, lockParticipants } from "./repository.ts";

/** Removing somebody who is gone already changes nothing. */
export async function removeMember(core: Core, actor: Actor, input: RemoveMemberInput): Promise<Empty> {
  await core.db.transaction(async (tx) => {
    const conversation = await lockConversation(tx, input.conversationId);
    if (!conversation) throw noConversation();
    const { role } = await requireMember(tx, actor, conversation.id);
    refuseDirect(conversation.type);
    const [target] = await lockParticipants(tx, conversation.id, [input.userId]);
    requireMayRemove(role, target?.role ?? "member");
    if (!target) throw notFound("No such member");
    if (!target.leftAt) await depart(tx, conversation, { ...target, actorId: actor.userId });
  });
  core.events.appendSoon();
  return {};
}
