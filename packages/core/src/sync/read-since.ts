import type { DurableEvent, SyncResult } from "@echo/contracts";
import type { Core } from "../core.ts";
import type { LoggedEvent, LogHead } from "../event-log/index.ts";
import type { Membership } from "../membership/index.ts";
import { type Cursor, formatCursor } from "./cursor.ts";
import type { Delivery } from "./delivery.ts";
import { hydrate } from "./hydrate.ts";
import { isFor } from "./is-for.ts";
import { isHeld, maxMissed } from "./is-resumable.ts";
import { loadMemberships } from "./load-memberships.ts";
import { walkMissed } from "./read-missed.ts";

/** Bodies are read in such pages, until an answer has this many characters; the client asks for the rest. */
const pageEvents = 250;
const maxAnswerCharacters = 4_000_000;

/** Everything that this person may receive since a cursor, or an honest reset; never a part without saying so. */
export async function readSince(core: Core, userId: string, since: Cursor): Promise<SyncResult> {
  const head = await core.events.head();
  if (!isHeld(since, head)) return resetTo(head);
  if (since.position === head.position) return { events: [], cursor: formatCursor(head) };

  const range = { after: since.position, upTo: head.position, limit: maxMissed + 1 };
  const missed = await walkMissed(core, userId, range);
  // Looked at again after the read: the floor rises before anything is dropped.
  const headAfter = await core.events.head();
  if (missed.length > maxMissed || !isHeld(since, headAfter)) return resetTo(headAfter);
  return answer(core, userId, { missed, head });
}

const resetTo = (head: LogHead): SyncResult => ({ reset: true, cursor: formatCursor(head) });

async function answer(
  core: Core,
  userId: string,
  { missed, head }: { missed: LoggedEvent[]; head: LogHead },
): Promise<SyncResult> {
  const events: DurableEvent[] = [];
  if (missed.length === 0) return { events, cursor: formatCursor(head) };
  const memberships = new Map((await loadMemberships(core, userId)).map((each) => [each.conversationId, each]));
  let characters = 0;
  for (let at = 0; at < missed.length; at += pageEvents) {
    const page = await hydrate(core, missed.slice(at, at + pageEvents));
    for (const delivery of page) {
      const event = eventFor(delivery, userId, memberships.get(delivery.streamId));
      if (event === null) continue;
      events.push(event);
      characters += JSON.stringify(event).length;
    }
    const last = missed[at + pageEvents - 1];
    if (last && characters > maxAnswerCharacters) return { events, cursor: formatCursor(last) };
  }
  return { events, cursor: formatCursor(head) };
}

function eventFor(delivery: Delivery, userId: string, membership: Membership | undefined): DurableEvent | null {
  const verdict = isFor(delivery, userId, membership);
  if (verdict === "no") return null;
  return verdict === "withoutQuote" ? (delivery.withoutQuote?.event ?? null) : delivery.event;
}
