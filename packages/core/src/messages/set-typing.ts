import type { Empty, TypingInput } from "@echo/contracts";
import { forbidden } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { maySpeak, requireMember } from "../membership/index.ts";
import { backgroundOf } from "./background.ts";

/** Shows the others that this person types; it ends 3 s after the last call, by "none", or with a message. */
export async function setTyping(core: Core, actor: Actor, input: TypingInput): Promise<Empty> {
  const { conversationId, userId, type, role } = await requireMember(core.db, actor, input.conversationId);
  if (!maySpeak(type, role)) throw forbidden("Only the owner and admins may send in a channel");
  await backgroundOf(core).typing.set({ conversationId, userId, sessionId: actor.sessionId }, input.activity);
  return {};
}
