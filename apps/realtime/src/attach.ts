import { type Cursor, formatCursor, isResumable } from "@echo/core/sync";
import { EchoError, passKillPoint, withTimeout } from "@echo/platform";
import { closeCodes } from "./close-codes.ts";
import { writeEphemeral } from "./ephemeral.ts";
import { loadUser } from "./load-user.ts";
import { type Node, placeOf } from "./node.ts";
import { backfill, catchUp, goLive, tellMovedWatermarks } from "./resume.ts";
import type { Subscription } from "./subscription.ts";

interface Attachment {
  /** The client's cursor; null: live from now. */
  since: Cursor | null;
  connectionId: string;
}

/**
 * Takes a subscription from its cursor to live, and loses, doubles or reorders nothing on the way. The user's stream is
 * registered at the hub before his memberships are read, and his conversations before the hub's position H is taken; so
 * (cursor, H] comes from the database, everything after H from the hub's ring, and what is left of the ring is written
 * in the same synchronous step that makes the subscription live.
 */
export function attach(node: Node, subscription: Subscription, attachment: Attachment): Promise<void> {
  return withPlace(node, subscription, () => begin(node, subscription, attachment));
}

/** The hub went to another place or to another log: what lies in between cannot be given. */
export function reattach(node: Node, subscription: Subscription): Promise<void> {
  return withPlace(node, subscription, () => startOver(node, subscription));
}

const tooSlow = "too slow; connect again with the cursor";

/** Only so many attach at once, each for so long. Whatever goes wrong, the client connects again with the cursor that it has. */
async function withPlace(node: Node, { outlet, isOver }: Subscription, work: () => Promise<void>): Promise<void> {
  if (isOver) return;
  if (!(await node.attaching.enter())) return outlet.close(closeCodes.tryAgain, "too many sockets attach; try again");
  try {
    await withTimeout(work(), node.config.timings.attachMs, tooSlow);
  } catch (error) {
    const isSlow = error instanceof EchoError && error.code === "TIMEOUT";
    node.core.logger.warn(isSlow ? "a socket caught up too slowly" : "a subscription could not attach", { error });
    const reason = isSlow ? tooSlow : "missed events cannot be given now; connect again with the cursor";
    outlet.close(closeCodes.tryAgain, reason);
  } finally {
    node.attaching.leave();
  }
}

async function begin(node: Node, subscription: Subscription, { since, connectionId }: Attachment): Promise<void> {
  const { hub } = node;
  while (subscription.user.recorded) await loadUser(node, subscription.user);
  if (subscription.isOver) return;
  // Nothing is awaited between the last look at the memberships and here: this position is H.
  const { position: upTo, generation } = hub;
  acknowledge(node, subscription, { connectionId, place: since ? formatCursor(since) : placeOf(node) });
  if (since === null) return goLive(node, subscription, upTo);

  if (await resume(node, subscription, { since, upTo, generation })) {
    await tellMovedWatermarks(node, subscription, since.position);
  } else {
    await startOver(node, subscription);
  }
}

/** Answers false when not everything can be given. */
async function resume(
  node: Node,
  subscription: Subscription,
  { since, upTo, generation }: { since: Cursor; upTo: number; generation: number },
): Promise<boolean> {
  try {
    // The database is asked for the rest: this node may lag behind it.
    if (since.epoch !== node.hub.epoch) return false;
    if (!(await isResumable(node.core, subscription.user.id, since))) return false;
    await backfill(node, subscription, { after: since.position, upTo });
    passKillPoint("attach>cutover");
    return await catchUp(node, subscription, { after: Math.max(since.position, upTo), generation });
  } catch (error) {
    // The log was cut while it was read.
    if (error instanceof EchoError && error.code === "PRECONDITION_FAILED") return false;
    throw error;
  }
}

function acknowledge(node: Node, subscription: Subscription, ack: { connectionId: string; place: string }): void {
  const serverTime = node.core.clock.now().toISOString();
  const { heartbeatMs } = node.config.timings;
  const data = { connectionId: ack.connectionId, serverTime, cursor: ack.place, heartbeatMs };
  writeEphemeral(subscription, ack.place, { type: "connection.ack", at: serverTime, data });
}

/** Says honestly that something is missing, and goes on live from here. */
async function startOver(node: Node, subscription: Subscription): Promise<void> {
  while (subscription.user.recorded) await loadUser(node, subscription.user);
  if (subscription.isOver) return;
  const place = placeOf(node);
  const at = node.core.clock.now().toISOString();
  writeEphemeral(subscription, place, { type: "sync.reset", at, data: { cursor: place } });
  goLive(node, subscription, node.hub.position);
}
