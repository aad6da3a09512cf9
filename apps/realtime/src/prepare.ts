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

const prepared = new WeakMap<Delivery, PreparedDelivery>();

/** The same for a delivery that others are given in the same moment. */
export function prepareOnce(node: Node, delivery: Delivery): PreparedDelivery {
  const known = prepared.get(delivery) ?? prepare(node, delivery);
  prepared.set(delivery, known);
  return known;
}

/** The frame that fits what the rule of spans said. */
export function frameFor({ frame, frameWithoutQuote }: PreparedDelivery, verdict: Verdict): EventFrame | null {
  if (verdict === "no") return null;
  return verdict === "event" ? frame : frameWithoutQuote;
}
