import type { Conversation, Profile } from "@echo/contracts";
import type { Core } from "../core.ts";
import { findLastMessages, type LastMessage } from "../messages/index.ts";
import { findProfiles } from "../users/index.ts";
import { type ConversationRow, countUnread, type UnreadRow } from "./repository.ts";

/** What is read beside a conversation's own row. */
interface Surroundings {
  end: LastMessage;
  unread: UnreadRow | undefined;
  other: Profile | undefined;
}

/** Conversations as one person sees them; four queries, however many they are. */
export async function viewConversations(
  core: Core,
  userId: string,
  rows: readonly ConversationRow[],
): Promise<Conversation[]> {
  if (rows.length === 0) return [];
  const ends = await findLastMessages(core.db, userId, rows);
  const places = rows.map(({ conversationId, lastSeq }, i) => ({
    conversationId,
    lastSeq: ends[i]?.lastSeq ?? lastSeq,
  }));
  const otherIds = rows.map((row) => otherUserId(row));
  const [unread, profiles] = await Promise.all([
    countUnread(core.db, userId, places),
    findProfiles(
      core,
      otherIds.filter((id) => id !== null),
    ),
  ]);
  const unreadOf = new Map(unread.map((row) => [row.conversationId, row]));
  return rows.map((row, i) => {
    const end = ends[i] ?? { lastSeq: row.lastSeq, lastMessage: null };
    const other = profiles.get(otherIds[i] ?? "");
    return toConversation(row, { end, unread: unreadOf.get(row.conversationId), other });
  });
}

/** Who the other one of a direct conversation is. */
function otherUserId({ directKey, userId }: ConversationRow): string | null {
  return directKey?.split(":").find((id) => id !== userId) ?? null;
}

function toConversation(row: ConversationRow, { end, unread, other }: Surroundings): Conversation {
  const { role, lastReadSeq, lastDeliveredSeq, mutedUntil, archived, pinned, notify } = row;
  return {
    id: row.conversationId,
    type: row.type,
    title: row.title,
    avatarUrl: row.avatarUrl,
    metadata: row.metadata,
    memberCount: row.memberCount,
    ...end,
    mine: {
      role,
      unread: unread?.unread ?? 0,
      unreadMentions: unread?.unreadMentions ?? 0,
      lastReadSeq,
      lastDeliveredSeq,
      mutedUntil: mutedUntil?.toISOString() ?? null,
      archived,
      pinned,
      notify,
    },
    ...(other ? { other } : {}),
    createdAt: row.createdAt.toISOString(),
  };
}
