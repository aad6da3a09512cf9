import type { GetMessageInput, Message } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { requireVisibleMessage } from "./policy.ts";
import { toMessage } from "./to-message.ts";

export async function getMessage(core: Core, actor: Actor, input: GetMessageInput): Promise<Message> {
  return toMessage(await requireVisibleMessage(core.db, actor, input.messageId));
}
