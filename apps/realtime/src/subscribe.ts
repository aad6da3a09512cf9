import { SubscribeInput } from "@echo/contracts";
import { type Cursor, parseCursor } from "@echo/core/sync";
import { badRequest, tooManyRequests } from "@echo/platform";
import { attach } from "./attach.ts";
import type { Call } from "./client-frame.ts";
import type { Connection } from "./connection.ts";
import { sentenceOf } from "./fault.ts";
import type { Node } from "./node.ts";
import type { Subscription } from "./subscription.ts";

const maxSubscriptions = 50;
/** A client that has too many will not have fewer within a moment. */
const retryAfterMs = 1_000;

/** Opens `events.subscribe` on a socket. @throws EchoError BAD_REQUEST, TOO_MANY_REQUESTS */
export function subscribe(node: Node, connection: Connection, call: Call): void {
  const { identity } = connection;
  if (!identity || !connection.isOpen) return;
  const since = readCursor(call);
  if (connection.subscriptions.size >= maxSubscriptions) throw tooManyRequests("subscriptions", retryAfterMs);
  const subscription: Subscription = {
    id: call.id,
    outlet: connection,
    user: node.hub.enter(identity.actor.userId),
    cursor: 0,
    isOver: false,
    seen: { cursor: 0, sinceMs: node.core.clock.monotonicMs() },
  };
  connection.subscriptions.set(call.id, subscription);
  connection.send(`{"id":${call.id},"result":{"type":"started"}}`);
  connection.attaching = connection.attaching.then(() =>
    attach(node, subscription, { since, connectionId: connection.id }),
  );
}

export function stopSubscription(node: Node, connection: Connection, id: string): void {
  const subscription = connection.subscriptions.get(id);
  if (!subscription) return;
  connection.subscriptions.delete(id);
  endSubscription(node, subscription);
  connection.send(`{"id":${id},"result":{"type":"stopped"}}`);
}

export function endSubscription(node: Node, subscription: Subscription): void {
  if (subscription.isOver) return;
  subscription.isOver = true;
  node.hub.endLive(subscription.user, subscription);
  node.hub.leave(subscription.user);
}

/** `lastEventId`, which stock clients send beside the input, wins over `cursor`. */
function readCursor({ input, lastEventId }: Call): Cursor | null {
  const given =
    typeof input === "object" && input !== null && lastEventId !== undefined ? { ...input, lastEventId } : input;
  const parsed = SubscribeInput.safeParse(given ?? { lastEventId });
  if (!parsed.success) throw badRequest(sentenceOf(parsed.error));
  const cursor = parsed.data.lastEventId ?? parsed.data.cursor;
  return cursor === undefined ? null : parseCursor(cursor);
}
