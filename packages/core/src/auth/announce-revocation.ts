import { setTimeout as wait } from "node:timers/promises";
import type { Core } from "../core.ts";
import { type SessionsRevoked, sessionsChannel } from "../signals.ts";
import { forgetSessions } from "./session-states.ts";

/** Together 2 s: by then every process that does not hear the bus reads the rows again. */
const attempts = 20;
const pauseMs = 100;

/**
 * After the commit, before the answer: this process forgets the sessions, then every other one hears of it and closes
 * their sockets. Never throws: the rows are the truth, and they are written.
 */
export async function announceRevocation(core: Core, userId: string, sessionIds: string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  await forgetSessions(core, sessionIds);
  const signal: SessionsRevoked = { v: 1, userId, sessionIds };
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await core.bus.publish(sessionsChannel, signal);
    } catch (error) {
      if (attempt === attempts)
        core.logger.error("Ended sessions could not be announced", { userId, sessionIds, error });
      else await wait(pauseMs);
    }
  }
}
