import type { Delivery } from "@echo/core/sync";
import { EventFrame } from "./frames.ts";
import type { Verdict } from "./hub.ts";
import { type Node, placeOf } from "./node.ts";
import type { PreparedDelivery } from "./subscription.ts";

/** Serialises a delivery: once, or twice when somebody may not see what it quotes. */
export function prepare(node: Node, delivery: Delivery): PreparedDelivery {
  const place = placeOf(node, delivery.position);
  const { event, withoutQuote } = delivery;
  return {
    delivery,
    frame: event && new EventFrame(place, event),
    frameWithoutQuote: withoutQuote && new EventFrame(place, withoutQuote.event),
  };
}

/** The frame that fits what the rule of spans said. */
export function frameFor(prepared: PreparedDelivery, verdict: Verdict): EventFrame | null {
  if (verdict === "no") return null;
  return verdict === "event" ? prepared.frame : prepared.frameWithoutQuote;
}
