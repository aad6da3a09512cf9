import type { EphemeralEvent } from "@echo/contracts";
import { EventFrame } from "./frames.ts";
import { type Node, placeOf } from "./node.ts";
import type { Subscription } from "./subscription.ts";

/** Writes an event that is not in the log to one subscription. @param place what it has been given everything up to */
export function writeEphemeral({ outlet, id }: Subscription, place: string, event: EphemeralEvent): void {
  outlet.writer.write(new EventFrame(place, event).once(id), 1);
}

/** Where a live subscription stands: with the node, or further when its client came from one that was ahead. */
export function standing(node: Node, { cursor }: Subscription): string {
  return placeOf(node, Math.max(cursor, node.hub.position));
}

/** Writes an event that is not in the log to everybody here who is in the conversation. */
export function giveSignal(
  node: Node,
  conversationId: string,
  { event, exceptUserId }: { event: EphemeralEvent; exceptUserId: string | null },
): void {
  const frame = new EventFrame(placeOf(node), event);
  node.hub.signal(conversationId, exceptUserId, ({ outlet, id }) => outlet.writer.write(frame.for(id), 1));
}
