import type { SendMessageInput } from "@echo/contracts";
import type { Actor, Core } from "@echo/core";
import { createConversation } from "@echo/core/conversations";
import { stampedText } from "../load/stamp.ts";
import { nowNs } from "../processes/pace.ts";
import type { Person } from "./people.ts";

/** Somebody who sends in a conversation. */
export interface Speaker extends Person {
  conversationId: string;
}

export const actorOf = ({ userId, sessionId }: Person): Actor => ({
  userId,
  sessionId,
  ip: "127.0.0.1",
  requestId: "bench",
  authTime: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
});

/** A conversation of these people, in which the first one speaks. Channels have no receipts and any number of members. */
export async function openConversation(core: Core, people: readonly Person[]): Promise<Speaker> {
  const [owner, ...others] = people;
  if (!owner) throw new RangeError("A conversation needs somebody who speaks");
  const memberIds = others.map(({ userId }) => userId);
  const { id } = await createConversation(core, actorOf(owner), { type: "channel", memberIds });
  return { ...owner, conversationId: id };
}

/** A text message that says when it was sent. */
export function stampedMessage(core: Core, { conversationId }: Speaker): SendMessageInput {
  return {
    conversationId,
    clientMessageId: core.ids.uuid(),
    type: "text",
    content: { text: stampedText(nowNs()) },
  };
}
