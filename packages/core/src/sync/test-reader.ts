import type { DurableEvent } from "@echo/contracts";
import type { Core } from "../core.ts";
import type { Membership } from "../membership/index.ts";
import type { Delivery } from "./delivery.ts";
import { hydrate } from "./hydrate.ts";
import { isFor } from "./is-for.ts";

/** What a person got of an event, short enough to be compared. */
export function briefOf(event: DurableEvent): string {
  const { type, data } = event;
  if (type === "message.created") {
    const text = data.content && "text" in data.content ? data.content.text : "-";
    return `${type} ${text} quotes ${data.replyTo?.seq ?? "-"}`;
  }
  if (type === "user.updated") return `${type} ${data.profile.displayName}`;
  return `${type} ${JSON.stringify(data)}`;
}

/** The event, or its variant, for somebody. */
export function eventFor(delivery: Delivery, userId: string, membership: Membership | undefined): DurableEvent[] {
  const verdict = isFor(delivery, userId, membership);
  if (verdict === "no" || !delivery.event) return [];
  return verdict === "event" ? [delivery.event] : delivery.withoutQuote ? [delivery.withoutQuote.event] : [];
}

/**
 * A hub that was there from the first event on, and knows memberships from the log alone. Answers what each of these
 * people got.
 */
export async function readAsHub(
  core: Core,
  userIds: readonly string[],
  batch: number,
): Promise<Map<string, DurableEvent[]>> {
  const { position } = await core.events.head();
  const memberships = new Map(userIds.map((userId) => [userId, new Map<string, Membership>()]));
  const got = new Map(userIds.map((userId) => [userId, [] as DurableEvent[]]));
  for (let from = 0; from < position; from += batch) {
    const events = await core.events.read({ from, to: position, limit: batch });
    for (const delivery of await hydrate(core, events)) {
      if (delivery.membership?.change === "joined") change(memberships, delivery.membership);
      for (const userId of userIds) {
        const membership = memberships.get(userId)?.get(delivery.streamId);
        got.get(userId)?.push(...eventFor(delivery, userId, membership));
      }
      if (delivery.membership?.change === "left") change(memberships, delivery.membership);
    }
  }
  return got;
}

function change(all: Map<string, Map<string, Membership>>, change: NonNullable<Delivery["membership"]>): void {
  const mine = all.get(change.userId);
  if (change.change === "joined") {
    const { conversationId } = change.conversation;
    const membership = mine?.get(conversationId) ?? { ...change.conversation, spans: [] };
    const last = membership.spans.at(-1);
    if (!last || (last.to !== null && last.to <= change.eventSeq))
      membership.spans.push({ from: change.eventSeq, to: null });
    mine?.set(conversationId, membership);
  } else {
    const last = mine?.get(change.conversationId)?.spans.at(-1);
    if (last) last.to = change.eventSeq + 1;
  }
}
