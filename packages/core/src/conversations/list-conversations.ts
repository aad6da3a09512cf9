import type { ConversationPage, ListConversationsInput } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { profilesNamed } from "../messages/index.ts";
import { formatPlace, parsePlace } from "../page-cursor.ts";
import { listConversationRows } from "./repository.ts";
import { viewConversations } from "./view-conversations.ts";

/** The caller's conversations, last activity first. */
export async function listConversations(
  core: Core,
  actor: Actor,
  input: ListConversationsInput,
): Promise<ConversationPage> {
  const after = parsePlace(input.cursor);
  const rows = await listConversationRows(core.db, actor.userId, { after, limit: input.limit + 1 });
  const page = rows.slice(0, input.limit);
  const last = rows.length > page.length ? page.at(-1) : undefined;
  const items = await viewConversations(core, actor.userId, page);
  const named = await profilesNamed(
    core,
    items.flatMap(({ lastMessage }) => lastMessage ?? []),
  );
  const profiles = new Map(
    [...named, ...items.flatMap(({ other }) => other ?? [])].map((profile) => [profile.userId, profile]),
  );
  return {
    items,
    nextCursor: last ? formatPlace({ at: last.lastActivityAt, id: last.conversationId }) : null,
    profiles: [...profiles.values()],
  };
}
