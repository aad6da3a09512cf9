import { EchoError, identifyRequest } from "@echo/platform";
import type { Actor, Caller, Core } from "../core.ts";
import type { AccessClaims, Audience } from "../ports.ts";
import { raiseSessionGen, touchSession } from "./repository/session-states.ts";
import { orUnavailable, type SessionState, sessionState } from "./session-states.ts";

/** The token was good, its session is not: revoked, logged out, run out, or its owner suspended. A socket closes with 4403, not 4401. */
export class SessionEndedError extends EchoError {
  constructor() {
    super("UNAUTHORIZED", "The session has ended; sign in again");
  }
}

const touchEveryMs = 60_000;

/**
 * Who calls, by an access token that is valid for `audience` and whose session lives now.
 * @throws EchoError UNAUTHORIZED, or SessionEndedError; UNAVAILABLE when it cannot be checked
 */
export async function authenticate(
  core: Core,
  caller: Caller,
  { accessToken, audience }: { accessToken: string; audience: Audience },
): Promise<Actor> {
  const claims = await core.ports.keys.verify(accessToken, audience);
  const state = await sessionState(core, claims.sessionId);
  if (state?.userId !== claims.userId) throw new SessionEndedError();
  await raiseGen(core, claims, state);
  await touch(core, claims, state);
  identifyRequest(claims.userId);
  const { userId, sessionId, authTime, expiresAt } = claims;
  return { ...caller, userId, sessionId, authTime, expiresAt };
}

/** Before the call is served: from now on the refresh token before this one's is forgiven nothing. */
async function raiseGen(core: Core, { sessionId, gen }: AccessClaims, state: SessionState): Promise<void> {
  if (gen <= state.gen) return;
  const raised = await orUnavailable(raiseSessionGen(core.db, sessionId, gen));
  if (raised === null) throw new SessionEndedError();
  state.gen = raised;
}

/** Last seen, to the minute; nobody's call fails because of it. */
async function touch(core: Core, { sessionId }: AccessClaims, state: SessionState): Promise<void> {
  const now = core.clock.now();
  if (now.getTime() - state.lastSeenAtMs < touchEveryMs) return;
  state.lastSeenAtMs = now.getTime();
  try {
    await touchSession(core.db, { id: sessionId, now, before: new Date(now.getTime() - touchEveryMs) });
  } catch (error) {
    core.logger.warn("A session's lastSeenAt could not be written", { error });
  }
}
