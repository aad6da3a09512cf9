import { EchoError, unavailable } from "@echo/platform";
import { z } from "zod";
import { batched } from "../batcher.ts";
import type { Core } from "../core.ts";
import { createSignalledCache, type SignalledCache } from "../signalled-cache.ts";
import { SessionsRevoked, sessionsChannel } from "../signals.ts";
import { findSessionStates } from "./repository/session-states.ts";

/** A session that lives, as every call asks for it; times in ms since the epoch. */
const SessionState = z.object({
  userId: z.uuid(),
  gen: z.int(),
  expiresAtMs: z.number(),
  lastSeenAtMs: z.number(),
});
export type SessionState = z.infer<typeof SessionState>;

/** from-the-design.md: `session:{id}`, 15 minutes. */
const ttlMs = 15 * 60_000;
const maxLocalEntries = 20_000;
const caches = new WeakMap<Core, SignalledCache<SessionState>>();

function cacheOf(core: Core): SignalledCache<SessionState> {
  const cache =
    caches.get(core) ??
    createSignalledCache<SessionState>(core, {
      prefix: "session",
      schema: SessionState,
      ttlMs,
      maxLocalEntries,
      channel: sessionsChannel,
      keysOf: (signal) => SessionsRevoked.safeParse(signal).data?.sessionIds ?? [],
    });
  caches.set(core, cache);
  return cache;
}

/**
 * Null when the session is over. The object is this process's own entry: what a call learns (a higher gen, a later
 * lastSeenAt) is written into it, and is lost with it, which costs a repeated write and no more.
 * @throws EchoError UNAVAILABLE when neither cache nor database can tell
 */
export async function sessionState(core: Core, sessionId: string): Promise<SessionState | null> {
  const state = await keptState(core, sessionId);
  if (state === null || state.expiresAtMs > core.clock.now().getTime()) return state;
  // What is kept may be older than a refresh, which moved the end.
  await forgetSessions(core, [sessionId]);
  return keptState(core, sessionId);
}

async function keptState(core: Core, sessionId: string): Promise<SessionState | null> {
  const states = await cacheOf(core).getMany([sessionId], () => readState(core, sessionId));
  return states.get(sessionId) ?? null;
}

/** Sessions that are read in one statement. */
const maxSessions = 256;
/** Begins after the call, as the cache needs it: what was forgotten before is not read again as it was. */
const readState = batched({ maxBatch: maxSessions }, readEach);

async function readEach(core: Core, sessionIds: readonly string[]): Promise<Map<string, SessionState>[]> {
  const states = await readStates(core, [...new Set(sessionIds)]);
  return sessionIds.map((id) => {
    const state = states.get(id);
    return new Map(state ? [[id, state]] : []);
  });
}

export const forgetSessions = (core: Core, sessionIds: readonly string[]): Promise<void> =>
  cacheOf(core).forget(sessionIds);

async function readStates(core: Core, sessionIds: readonly string[]): Promise<Map<string, SessionState>> {
  const rows = await orUnavailable(findSessionStates(core.db, sessionIds, core.clock.now()));
  return new Map(
    rows.map(({ id, userId, gen, expiresAt, lastSeenAt }) => [
      id,
      { userId, gen, expiresAtMs: expiresAt.getTime(), lastSeenAtMs: lastSeenAt.getTime() },
    ]),
  );
}

/** Which of these sessions are over, by their rows: the sweep that finds what the bus lost. @throws EchoError UNAVAILABLE */
export async function findEndedSessions(core: Core, sessionIds: readonly string[]): Promise<string[]> {
  const live = await readStates(core, sessionIds);
  return sessionIds.filter((id) => !live.has(id));
}

/** A session that cannot be checked is not waved through. */
export async function orUnavailable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw cause instanceof EchoError ? cause : unavailable("The session cannot be checked now; try again", cause);
  }
}
