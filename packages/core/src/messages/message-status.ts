import type { MessageStatus, MessageStatusInput } from "@echo/contracts";
import { badRequest } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { requireSeen } from "../membership/index.ts";
import { requireVisibleMessage } from "./policy.ts";
import { listRecipients, type RecipientRow } from "./repository/status.ts";

/** How far a message got with each person it was delivered to; who left since stays on the list. */
export async function messageStatus(core: Core, actor: Actor, input: MessageStatusInput): Promise<MessageStatus> {
  const { id, conversationId } = await requireVisibleMessage(core.db, actor, input.messageId);
  const { type } = await requireSeen(core.db, actor, conversationId);
  if (type === "channel") throw badRequest("A channel keeps no receipts");
  const rows = await listRecipients(core.db, id);
  return { recipients: rows.map(toRecipient) };
}

function toRecipient({ userId, deliveredAt, readAt }: RecipientRow): MessageStatus["recipients"][number] {
  const state = readAt ? "read" : deliveredAt ? "delivered" : "sent";
  return { userId, state, deliveredAt: deliveredAt?.toISOString() ?? null, readAt: readAt?.toISOString() ?? null };
}
