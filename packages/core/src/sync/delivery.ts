import type { DurableEvent } from "@echo/contracts";
import type { Membership } from "../membership/index.ts";

/** An event of the log with its body, read once per node and batch, ready to be serialised. */
export interface Delivery {
  position: number;
  /** A conversation's id, or a user's for a personal stream. */
  streamId: string;
  eventSeq: number;
  /** The event_seq of the message that this event is about, when that is another one: only who may see it gets the event. */
  aboutEventSeq: number | null;
  audienceUserId: string | null;
  loggedAt: Date;
  /** Null: for consumers only, or the body is gone. */
  event: DurableEvent | null;
  /** For recipients who may not see the quoted message: the same event with `replyTo: null`. */
  withoutQuote: { event: DurableEvent; quotedEventSeq: number } | null;
  /** Changes who receives this conversation's events: "joined" counts for this event already, "left" after it. */
  membership: MembershipChange | null;
}

/**
 * A span that opens at `eventSeq` or closes after it, in the conversation's own numbers. Who joins needs the conversation's
 * facts at the hub: nobody of this node may have been in it before.
 */
export type MembershipChange =
  | { change: "joined"; userId: string; eventSeq: number; conversation: Omit<Membership, "spans"> }
  | { change: "left"; userId: string; eventSeq: number; conversationId: string };
