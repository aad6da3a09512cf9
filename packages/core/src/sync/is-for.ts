import type { Membership, Span } from "../membership/index.ts";
import type { Delivery } from "./delivery.ts";

/**
 * What this person receives of an event: it, its variant without the quote, or nothing. `membership`: of the event's
 * conversation, undefined when there is none.
 */
export function isFor(
  delivery: Delivery,
  userId: string,
  membership: Membership | undefined,
): "event" | "withoutQuote" | "no" {
  const { event, streamId, audienceUserId, eventSeq, aboutEventSeq, withoutQuote } = delivery;
  if (event === null || (audienceUserId !== null && audienceUserId !== userId)) return "no";
  if (streamId === userId) return "event";
  if (membership?.conversationId !== streamId || !covers(membership.spans, eventSeq)) return "no";
  if (aboutEventSeq !== null && !maySee(membership, aboutEventSeq)) return "no";
  return withoutQuote && !maySee(membership, withoutQuote.quotedEventSeq) ? "withoutQuote" : "event";
}

function covers(spans: readonly Span[], eventSeq: number): boolean {
  for (const { from, to } of spans) if (eventSeq >= from && (to === null || eventSeq < to)) return true;
  return false;
}

/** Visibility is wider than delivery: `all` opens everything up to the end of the last span. */
function maySee({ spans, historyVisibility }: Membership, eventSeq: number): boolean {
  if (historyVisibility === "since_join") return covers(spans, eventSeq);
  const last = spans.at(-1);
  return last !== undefined && (last.to === null || eventSeq < last.to);
}
