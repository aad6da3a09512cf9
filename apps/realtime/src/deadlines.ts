import { closeCodes } from "./close-codes.ts";
import type { Connection } from "./connection.ts";
import { writeEphemeral } from "./ephemeral.ts";
import { type Node, placeOf } from "./node.ts";
import type { Subscription } from "./subscription.ts";

/** Looks at sockets cost less than a timer for each. */
const lookMs = 500;
/** How far the log may run on before an idle client is told where it is. */
const maxPositionsBehind = 1_000;

/** What time brings: deadlines, heartbeats, tokens that run out, cursors that would age. Answers how to stop it. */
export function startDeadlines(node: Node): () => void {
  const rounds = new Rounds(node);
  const sockets = setInterval(() => rounds.look(), lookMs);
  const cursors = setInterval(() => lookAtCursors(node), node.config.timings.cursorLookMs);
  return () => {
    clearInterval(sockets);
    clearInterval(cursors);
  };
}

/** Strangers are looked at each time, the others in turn: their deadlines are long, and they are many. */
class Rounds {
  readonly #node: Node;
  /** How much of all sockets one look takes. */
  readonly #share: number;
  #round: Iterator<Connection>;

  constructor(node: Node) {
    const { heartbeatMs, expiryMs } = node.config.timings;
    this.#node = node;
    this.#share = Math.min(1, lookMs / Math.min(heartbeatMs / 10, expiryMs / 2));
    this.#round = node.registry.all.values();
  }

  look(): void {
    const { core, registry, config } = this.#node;
    const nowMs = core.clock.monotonicMs();
    const expiredBefore = core.clock.now().getTime() - config.timings.expiryMs;
    for (const connection of registry.strangers) {
      connection.look(nowMs);
      if (connection.identity || !connection.isOpen) registry.strangers.delete(connection);
    }
    for (let left = Math.ceil(registry.all.size * this.#share); left > 0; left--) {
      const connection = this.#next();
      if (!connection) return;
      connection.look(nowMs);
      const expiresAt = connection.identity?.actor.expiresAt.getTime() ?? Number.POSITIVE_INFINITY;
      if (expiresAt < expiredBefore) connection.close(closeCodes.unauthorized, "the token has expired");
    }
  }

  /** Who comes during a round is in it; after the last one the next round begins at once. */
  #next(): Connection | undefined {
    const { done, value } = this.#round.next();
    if (!done) return value;
    this.#round = this.#node.registry.all.values();
    return this.#round.next().value;
  }
}

function lookAtCursors(node: Node): void {
  for (const { subscriptions } of node.registry.all) {
    for (const subscription of subscriptions.values()) lookAtCursor(node, subscription);
  }
}

/** A cursor that no event moves would fall out of the log in the end, or have too much after it to be resumed from. */
function lookAtCursor(node: Node, subscription: Subscription): void {
  const { hub, core, config } = node;
  const { seen, cursor, user } = subscription;
  const nowMs = core.clock.monotonicMs();
  if (cursor !== seen.cursor) subscription.seen = { cursor, sinceMs: nowMs };
  const behind = hub.position - cursor;
  const isOld =
    behind > maxPositionsBehind || (behind > 0 && nowMs - subscription.seen.sinceMs >= config.timings.cursorAgeMs);
  if (!isOld || !user.live.includes(subscription)) return;
  const place = placeOf(node);
  writeEphemeral(subscription, place, {
    type: "cursor.advanced",
    at: core.clock.now().toISOString(),
    data: { cursor: place },
  });
  subscription.cursor = hub.position;
}
