import type { DurableEvent } from "@echo/contracts";

/** Half-open range of event_seq; `to` null while it is open. */
export interface Span {
  from: number;
  to: number | null;
}

/** What one person may receive of one conversation. */
export interface Membership {
  conversationId: string;
  spans: Span[];
  /** Whether a quoted message outside the spans may be seen. */
  historyVisibility: "all" | "since_join";
  type: "direct" | "group" | "channel";
  memberCount: number;
}

/** An event of the log with its body, read once per node and batch, ready to be serialised. */
export interface Delivery {
  position: number;
  /** A conversation's id, or a user's for a personal stream. */
  streamId: string;
  eventSeq: number;
  audienceUserId: string | null;
  loggedAt: Date;
  /** Null: for consumers only, or the body is gone. */
  event: DurableEvent | null;
  /** For recipients who may not see the quoted message: the same event with `replyTo: null`. */
  withoutQuote: { event: DurableEvent; quotedEventSeq: number } | null;
  /** Changes who receives this conversation's later events. */
  membership: { change: "joined" | "left"; conversationId: string; userId: string; eventSeq: number } | null;
}
