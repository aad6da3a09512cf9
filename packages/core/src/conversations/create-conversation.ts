import type { Conversation, CreateConversationInput } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { badRequest, internal, notFound } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { insertEvents } from "../event-log/index.ts";
import { maxGroupMembers, openSpans, tellJoiners } from "../membership/index.ts";
import { findProfiles, findUserIds } from "../users/index.ts";
import { getConversation } from "./get-conversation.ts";
import { findDirect, insertConversation, type NewConversation } from "./repository.ts";

/** Makes a conversation that the caller owns; a pair of people has one direct conversation, which is answered again. */
export async function createConversation(
  core: Core,
  actor: Actor,
  input: CreateConversationInput,
): Promise<Conversation> {
  const otherIds = await findOthers(core, actor, input);
  const draft = draftOf(core, actor, { input, otherIds });
  const known = draft.directKey ? await findDirect(core.db, draft.directKey) : null;
  const conversationId = known ?? (await core.db.transaction((tx) => open(tx, draft, otherIds)));
  if (!known) core.events.appendSoon();
  return getConversation(core, actor, { conversationId });
}

/** Everyone named but the caller, each once. */
async function findOthers(core: Core, actor: Actor, input: CreateConversationInput): Promise<string[]> {
  const { memberIds = [], usernames = [] } = input;
  const named = await findUserIds(core, usernames);
  const ids = new Set([...memberIds, ...named.filter((id) => id !== null)]);
  ids.delete(actor.userId);
  const profiles = await findProfiles(core, [...ids]);
  if (profiles.size < ids.size || named.includes(null)) throw notFound("No such person");
  return [...ids];
}

function draftOf(
  core: Core,
  actor: Actor,
  { input, otherIds }: { input: CreateConversationInput; otherIds: string[] },
): NewConversation {
  const [otherId, ...more] = otherIds;
  if (input.type === "direct" && (!otherId || more.length > 0))
    throw badRequest("A direct conversation has exactly one other member");
  if (input.type === "group" && otherIds.length >= maxGroupMembers)
    throw badRequest(`A group has at most ${maxGroupMembers} members`);
  return {
    id: core.ids.uuid(),
    type: input.type,
    title: input.title ?? null,
    historyVisibility: input.historyVisibility ?? "all",
    directKey: input.type === "direct" ? [actor.userId, otherId].sort().join(":") : null,
    createdById: actor.userId,
    memberCount: otherIds.length + 1,
    metadata: input.metadata ?? {},
  };
}

/** Inserts the conversation with its members and events; of a race for a pair the first one's is answered. */
async function open(tx: Tx, draft: NewConversation, otherIds: readonly string[]): Promise<string> {
  const { id, createdById: actorId, directKey } = draft;
  const isNew = await insertConversation(tx, draft);
  if (!isNew) {
    const first = directKey ? await findDirect(tx, directKey) : null;
    if (!first) throw internal("a conversation was neither inserted nor found");
    return first;
  }
  await insertEvents(tx, { id, firstEventSeq: 1 }, [{ type: "conversation.created", actorId, refId: id, data: null }]);
  const members = otherIds.map((userId) => ({ userId, role: "member" as const, spanFrom: 1 }));
  const joiners = [{ userId: actorId, role: "owner" as const, spanFrom: 1 }, ...members];
  await openSpans(tx, { id, lastSeq: 0 }, joiners);
  await tellJoiners(tx, { id, actorId }, joiners);
  return id;
}
