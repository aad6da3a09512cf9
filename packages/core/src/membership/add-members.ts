import type { AddMembersInput, AddMembersResult } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { badRequest, notFound } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { findProfiles } from "../users/index.ts";
import { emit } from "./emit.ts";
import { type LockedConversation, maxGroupMembers, type Participant } from "./membership.ts";
import { noConversation, refuseDirect, requireManager, requireMember } from "./policy.ts";
import { lockConversation, lockParticipants, openSpans } from "./repository.ts";
import { tellJoiners } from "./tell-joiners.ts";
import { toMembers } from "./to-members.ts";

/** Adds people; who is a member already stays one, and nothing is told of them. */
export async function addMembers(core: Core, actor: Actor, input: AddMembersInput): Promise<AddMembersResult> {
  const userIds = [...new Set(input.userIds)];
  const profiles = await findProfiles(core, userIds);
  const members = await core.db.transaction(async (tx) => {
    const conversation = await lockConversation(tx, input.conversationId);
    if (!conversation) throw noConversation();
    const { role } = await requireMember(tx, actor, conversation.id);
    refuseDirect(conversation.type);
    requireManager(role);
    if (profiles.size < userIds.length) throw notFound("No such person");
    return join(tx, conversation, { userIds, actorId: actor.userId });
  });
  core.events.appendSoon();
  const memberOf = new Map(toMembers(members, profiles).map((member) => [member.userId, member]));
  return { items: userIds.flatMap((userId) => memberOf.get(userId) ?? []) };
}

/** Opens a span for each who is not a member; answers the rows of all of them. */
async function join(
  tx: Tx,
  conversation: LockedConversation,
  { userIds, actorId }: { userIds: string[]; actorId: string },
): Promise<Participant[]> {
  const known = await lockParticipants(tx, conversation.id, userIds);
  const members = known.filter((participant) => !participant.leftAt);
  const joinerIds = userIds.filter((userId) => !members.some((member) => member.userId === userId));
  if (joinerIds.length === 0) return members;
  if (conversation.type === "group" && conversation.memberCount + joinerIds.length > maxGroupMembers)
    throw badRequest(`A group has at most ${maxGroupMembers} members`);

  const added = (userId: string) => ({ type: "member.added", actorId, refId: null, data: { userId, role: "member" } });
  const first = await emit(tx, conversation, joinerIds.map(added));
  const joiners = joinerIds.map((userId, i) => ({ userId, role: "member" as const, spanFrom: first + i }));
  const joined = await openSpans(tx, conversation, joiners);
  await tellJoiners(tx, { id: conversation.id, actorId }, joiners);
  return [...members, ...joined];
}
