import type { SyncInput, SyncResult } from "@echo/contracts";
import { findEndedSessions, SessionEndedError } from "../auth/index.ts";
import type { Actor, Core } from "../core.ts";
import { type Cursor, formatCursor, parseCursor } from "./cursor.ts";
import { loadMemberships } from "./load-memberships.ts";
import { readSince } from "./read-since.ts";
import { waitersOf } from "./waiters.ts";

/** `signal`: aborts when the client is gone. */
type SyncCall = SyncInput & { signal?: AbortSignal | undefined };

/** What the subscription would have given, for clients that cannot hold a socket; waits for the first event if asked to. */
export async function syncEvents(core: Core, actor: Actor, call: SyncCall): Promise<SyncResult> {
  if (call.cursor === undefined) return { events: [], cursor: formatCursor(await core.events.head()) };
  const since = parseCursor(call.cursor);
  const now = await readSince(core, actor.userId, since);
  if (hasNews(now) || call.waitMs === 0) return now;
  return waitForEvents(core, actor, { ...call, since: parseCursor(now.cursor) });
}

const hasNews = (result: SyncResult): boolean => "reset" in result || result.events.length > 0;

async function waitForEvents(core: Core, actor: Actor, call: SyncCall & { since: Cursor }): Promise<SyncResult> {
  const { userId, sessionId } = actor;
  const endsAtMs = core.clock.monotonicMs() + call.waitMs;
  const memberships = await loadMemberships(core, userId);
  const present = memberships.filter(({ spans }) => spans.at(-1)?.to === null);
  const waiters = waitersOf(core);
  const waiter = waiters.enter(
    userId,
    present.map(({ conversationId }) => conversationId),
  );
  try {
    for (let { since } = call; ; ) {
      // Looked at once more after it entered: what came in between wakes nobody.
      const result = await readSince(core, userId, since);
      if (hasNews(result)) {
        await requireLiveSession(core, sessionId);
        return result;
      }
      const leftMs = endsAtMs - core.clock.monotonicMs();
      if (leftMs <= 0 || call.signal?.aborted) return result;
      since = parseCursor(result.cursor);
      await waiter.next(leftMs, call.signal);
    }
  } finally {
    waiters.leave(userId, waiter);
  }
}

/** It may have been revoked while the call waited. @throws SessionEndedError */
async function requireLiveSession(core: Core, sessionId: string): Promise<void> {
  const ended = await findEndedSessions(core, [sessionId]);
  if (ended.length > 0) throw new SessionEndedError();
}
