import { movedWatermarks, backfill as readMissed } from "@echo/core/sync";
import { standing } from "./ephemeral.ts";
import { EventFrame } from "./frames.ts";
import type { Node } from "./node.ts";
import { writePaced } from "./paced.ts";
import { frameFor, prepareOnce } from "./prepare.ts";
import type { Subscription } from "./subscription.ts";

const pageEvents = 64;
/** While more than this is left in the ring it is written in pages; the rest goes with the switch to live. */
const maxLastPiece = 16;

interface Range {
  after: number;
  upTo: number;
}

/** Writes what this user may receive of the log between two positions. */
export async function backfill(node: Node, subscription: Subscription, { after, upTo }: Range): Promise<void> {
  const { hub, core, config } = node;
  const { user } = subscription;
  const { generation } = hub;
  let from = after;
  while (from < upTo && !subscription.isOver && hub.generation === generation) {
    const page = await readMissed(core, user.id, { after: from, upTo, limit: pageEvents });
    if (hub.generation !== generation) return;
    const frames = page.map((delivery) => frameFor(prepareOnce(node, delivery), hub.judge(delivery, user)));
    await writePaced(
      subscription,
      frames.filter((frame) => frame !== null),
      config.timings.pageMs,
    );
    from = page.length < pageEvents ? upTo : (page.at(-1)?.position ?? upTo);
  }
}

/**
 * Writes what the hub gave out after `after`, until so little is left that it goes with the switch to live.
 * Answers false when the hub was reset meanwhile: its positions are of another log.
 */
export async function catchUp(
  node: Node,
  subscription: Subscription,
  { after, generation }: { after: number; generation: number },
): Promise<boolean> {
  const { hub, config } = node;
  const { user } = subscription;
  let position = after;
  while (!subscription.isOver) {
    if (hub.generation !== generation) return false;
    const missed = hub.missed(user, position, pageEvents);
    if (missed === null) {
      const upTo = hub.position;
      await backfill(node, subscription, { after: position, upTo });
      position = upTo;
      continue;
    }
    const frames = missed.items.map(({ held, verdict }) => frameFor(held, verdict)).filter((frame) => frame !== null);
    position = Math.max(position, missed.upTo);
    if (missed.upTo === hub.position && frames.length <= maxLastPiece) {
      for (const frame of frames) subscription.outlet.writer.write(frame.once(subscription.id), 1);
      goLive(node, subscription, position);
      return true;
    }
    await writePaced(subscription, frames, config.timings.pageMs);
  }
  return true;
}

export function goLive({ core, hub }: Node, subscription: Subscription, cursor: number): void {
  if (subscription.isOver) return;
  subscription.cursor = cursor;
  subscription.seen = { cursor, sinceMs: core.clock.monotonicMs() };
  hub.goLive(subscription.user, subscription);
}

/** Receipts have no place in the log: after a resume the client is told where those watermarks are that moved meanwhile. */
export async function tellMovedWatermarks(node: Node, subscription: Subscription, since: number): Promise<void> {
  const memberships = [...subscription.user.members.values()].map(({ membership }) => membership);
  const receipts = await movedWatermarks(node.core, memberships, since);
  for (let at = 0; at < receipts.length; at += pageEvents) {
    // Framed when it is written: live events may have moved this subscription's place on.
    const place = standing(node, subscription);
    const page = receipts.slice(at, at + pageEvents).map((receipt) => new EventFrame(place, receipt));
    await writePaced(subscription, page, node.config.timings.pageMs);
  }
}
