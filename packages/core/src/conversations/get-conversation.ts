import type { Conversation, GetConversationInput } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { noConversation } from "../membership/index.ts";
import { findConversation } from "./repository.ts";
import { viewConversations } from "./view-conversations.ts";

/** A former member gets it too, as far as they may see it. */
export async function getConversation(core: Core, actor: Actor, input: GetConversationInput): Promise<Conversation> {
  const row = await findConversation(core.db, input.conversationId, actor.userId);
  if (!row) throw noConversation();
  const [conversation] = await viewConversations(core, actor.userId, [row]);
  if (!conversation) throw noConversation();
  return conversation;
}
