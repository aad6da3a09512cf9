import type { Conversation, Message } from "@echo/contracts";

/** The server's bound: 100 means 100 or more. */
const maxUnread = 100;

const more = (count: number, by: boolean) => Math.min(maxUnread, count + (by ? 1 : 0));

/** With a message that is newer than what it knows of. */
export function withMessage(conversation: Conversation, message: Message, userId: string | null): Conversation {
  if (message.seq <= conversation.lastSeq) return conversation;
  const { mine } = conversation;
  const isUnread = message.senderId !== userId && message.seq > mine.lastReadSeq;
  const isMention =
    isUnread && message.mentions.some((mention) => mention.userId === userId || mention.userId === "all");
  return {
    ...conversation,
    lastSeq: message.seq,
    lastMessage: message,
    mine: { ...mine, unread: more(mine.unread, isUnread), unreadMentions: more(mine.unreadMentions, isMention) },
  };
}

/** With everything up to `seq` read; what is left is known here only when nothing is. */
export function withRead(conversation: Conversation, seq: number): Conversation {
  const { mine, lastSeq } = conversation;
  if (seq <= mine.lastReadSeq) return conversation;
  const rest = seq >= lastSeq ? { unread: 0, unreadMentions: 0 } : {};
  return { ...conversation, mine: { ...mine, lastReadSeq: seq, ...rest } };
}

/** Last activity first. */
export function byActivity(one: Conversation, other: Conversation): number {
  const [mine, theirs] = [activityOf(one), activityOf(other)];
  if (mine !== theirs) return mine < theirs ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}

const activityOf = ({ lastMessage, createdAt }: Conversation) => lastMessage?.createdAt ?? createdAt;
