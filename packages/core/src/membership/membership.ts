import type { ConversationType, HistoryVisibility, Role } from "@echo/contracts";

/** A group is no larger. */
export const maxGroupMembers = 1_000;

/** Half-open range of a conversation's event_seq; `to` null while it is open. */
export interface Span {
  from: number;
  to: number | null;
}

/** What one person may receive of one conversation: former members keep theirs, with every span closed. */
export interface Membership {
  conversationId: string;
  spans: Span[];
  historyVisibility: HistoryVisibility;
  type: ConversationType;
  memberCount: number;
}

/** A conversation's row under the lock that every send and every change of membership takes first. */
export interface LockedConversation {
  id: string;
  type: ConversationType;
  memberCount: number;
  lastSeq: number;
}

/** A person's row in a conversation; `leftAt` null while a member. */
export interface Participant {
  userId: string;
  role: Role;
  joinedAt: Date;
  leftAt: Date | null;
}

/** A conversation as somebody sees who is or was in it. */
export interface SeenConversation {
  conversationId: string;
  type: ConversationType;
  historyVisibility: HistoryVisibility;
  memberCount: number;
  lastSeq: number;
  userId: string;
  role: Role;
  spans: Span[];
  /** Seq of the last message before the last span. */
  joinedSeq: number;
  leftAt: Date | null;
}

const range = /\[(\d+),(\d*)\)/g;

/** Reads PostgreSQL's text of an int8multirange: `{[1,5),[9,)}`. */
export function parseSpans(text: string): Span[] {
  return Array.from(text.matchAll(range), ([, from, to]) => ({ from: Number(from), to: to ? Number(to) : null }));
}

/** The event_seq at which this person's view of the conversation ends (exclusive); null while a member. */
export function endOf(spans: readonly Span[]): number | null {
  return spans.at(-1)?.to ?? null;
}
