import type { Span } from "@echo/core/sync";

/** True when this event_seq is in one of the spans. */
export function covers(spans: readonly Span[], eventSeq: number): boolean {
  for (const { from, to } of spans) if (eventSeq >= from && (to === null || eventSeq < to)) return true;
  return false;
}

/** True while the last span is open. */
export function isMember(spans: readonly Span[]): boolean {
  return spans.at(-1)?.to === null;
}

/**
 * Somebody joined at this event_seq. Spans are facts about event numbers, so a join that is known already (the spans
 * came from a database ahead of the log) changes nothing.
 */
export function openSpan(spans: Span[], eventSeq: number): void {
  if (!covers(spans, eventSeq)) spans.push({ from: eventSeq, to: null });
}

/** Somebody left: this event is still his, later ones are not. Only a span that began before it closes. */
export function closeSpan(spans: Span[], eventSeq: number): void {
  const last = spans.at(-1);
  if (last?.to === null && last.from <= eventSeq) last.to = eventSeq + 1;
}
