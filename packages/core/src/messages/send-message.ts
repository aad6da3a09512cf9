import type { Message, SendMessageInput } from "@echo/contracts";
import { badRequest, conflict, type EchoError, forbidden, notFound, tooManyRequests } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { noConversation, notAMember, requireSeen } from "../membership/index.ts";
import type { MessageRow } from "./repository/message-row.ts";
import { findVisibleMessage } from "./repository/read.ts";
import type { NewMessage, SendRefusal, Sent } from "./repository/send.ts";
import { requestHash } from "./request-hash.ts";
import { inStoredOrder } from "./stored-order.ts";
import { toMessage } from "./to-message.ts";
import { writeMessage } from "./write-message.ts";

const refusals: Record<SendRefusal, () => EchoError> = {
  NOT_FOUND: noConversation,
  NOT_A_MEMBER: notAMember,
  READ_ONLY: () => forbidden("Only the owner and admins may send in a channel"),
  CONFLICT: () => conflict("This clientMessageId was used for another message of yours in this conversation"),
  REPLY_NOT_FOUND: () => notFound("No such message to reply to"),
  THREAD_NOT_FOUND: () => notFound("No such message to begin a thread from"),
  MENTION_NOT_MEMBER: () => badRequest("Only members of the conversation can be mentioned"),
};

/** Sends once, however often it is called with the same clientMessageId and body. */
export async function sendMessage(core: Core, actor: Actor, input: SendMessageInput): Promise<Message> {
  await takeToken(core, actor, input.conversationId);

  const message = newMessage(core, actor, input);
  const result = await writeMessage(core, message);
  if (result.status === "OK") {
    core.events.appendSoon();
    if (!message.replyToId) return toMessage(freshRow(message, result));
  } else if (result.status !== "REPLAY") {
    throw refusals[result.status]();
  }

  const row = await findVisibleMessage(core.db, result.messageId, actor.userId);
  if (!row) throw noConversation();
  return toMessage(row);
}

/** Replays count too. Whoever must not know of the conversation is not told of its limit either. */
async function takeToken(core: Core, actor: Actor, conversationId: string): Promise<void> {
  const key = `${actor.userId}:${conversationId}`;
  const { allowed, retryAfterMs } = await core.limits.take(core.config.limits.send, key);
  if (allowed) return;
  await requireSeen(core.db, actor, conversationId);
  throw tooManyRequests("send", retryAfterMs);
}

function newMessage(core: Core, actor: Actor, input: SendMessageInput): NewMessage {
  const { conversationId, clientMessageId, type, content, mentions = [], metadata = {} } = input;
  return {
    id: core.ids.uuid(),
    conversationId,
    senderId: actor.userId,
    clientMessageId,
    requestHash: requestHash(input),
    type,
    content,
    replyToId: input.replyToId ?? null,
    threadRootId: input.threadRootId ?? null,
    mentions,
    mentionedUserIds: [...new Set(mentions.map(({ userId }) => userId).filter((userId) => userId !== "all"))],
    metadata,
  };
}

/** The row that was just written, without reading it back. */
function freshRow(message: NewMessage, { seq, eventSeq, createdAt }: Sent): MessageRow {
  return {
    id: message.id,
    conversationId: message.conversationId,
    seq,
    eventSeq,
    clientMessageId: message.clientMessageId,
    senderId: message.senderId,
    type: message.type,
    content: inStoredOrder(message.content),
    threadRootId: message.threadRootId,
    threadCount: 0,
    mentions: inStoredOrder(message.mentions),
    metadata: inStoredOrder(message.metadata),
    version: 1,
    createdAt,
    editedAt: null,
    deletedAt: null,
    quote: null,
  };
}
