import type { DurableEvent, SyncInput, SyncResult } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { backfill, loadMemberships } from "./backfill.ts";
import { type Cursor, formatCursor, parseCursor } from "./cursor.ts";
import { isFor } from "./is-for.ts";
import { isResumable } from "./is-resumable.ts";
import { nextAdvance } from "./next-advance.ts";

/** Of one answer; the client asks again from the cursor that it gets. */
const pageEvents = 500;

/** conversations.sync: what the subscription would have given, for clients that cannot hold a socket. */
export async function syncEvents(
  core: Core,
  actor: Actor,
  { cursor, waitMs, signal }: SyncInput & { signal?: AbortSignal | undefined },
): Promise<SyncResult> {
  const head = await core.events.head();
  if (cursor === undefined) return { events: [], cursor: formatCursor(head) };
  const since = parseCursor(cursor);
  if (!(await isResumable(core, actor.userId, { since, upTo: head.position }))) {
    return { reset: true, cursor: formatCursor(head) };
  }
  const page = await readOrWait(core, actor, { since, endsAt: core.clock.monotonicMs() + waitMs, signal });
  return { events: page.events, cursor: formatCursor(page.cursor) };
}

interface Wait {
  since: Cursor;
  /** By the monotonic clock. */
  endsAt: number;
  signal: AbortSignal | undefined;
}

interface SyncPage {
  events: DurableEvent[];
  /** The place up to which this user has then been given everything. */
  cursor: Cursor;
}

/** Waits before it looks, so that what is logged in between is not slept through. */
async function readOrWait(core: Core, actor: Actor, { since, endsAt, signal }: Wait): Promise<SyncPage> {
  const done = new AbortController();
  const ended = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
  try {
    for (let from = since; ; ) {
      const advanced = nextAdvance(core.events, { ms: endsAt - core.clock.monotonicMs(), signal: ended });
      const page = await readPage(core, actor, from);
      if (page.events.length > 0 || !(await advanced)) return page;
      from = page.cursor;
    }
  } finally {
    done.abort();
  }
}

async function readPage(core: Core, { userId }: Actor, since: Cursor): Promise<SyncPage> {
  const { epoch, position } = await core.events.head();
  // Another log than at the cursor's time: the next call answers with a reset.
  if (epoch !== since.epoch) return { events: [], cursor: since };
  const deliveries = await backfill(core, userId, { after: since.position, upTo: position, limit: pageEvents });
  if (deliveries.length === 0) return { events: [], cursor: { epoch, position } };
  const memberships = new Map((await loadMemberships(core, userId)).map((each) => [each.conversationId, each]));
  const events = deliveries.flatMap((delivery) => {
    const verdict = isFor(delivery, userId, memberships.get(delivery.streamId));
    const event = verdict === "withoutQuote" ? delivery.withoutQuote?.event : delivery.event;
    return verdict === "no" || !event ? [] : [event];
  });
  const isWhole = deliveries.length < pageEvents;
  return { events, cursor: { epoch, position: isWhole ? position : (deliveries.at(-1)?.position ?? position) } };
}
