import type { Empty, LogoutInput } from "@echo/contracts";
import type { Tx } from "@echo/db";
import type { Actor, Core } from "../core.ts";
import { announceRevocation } from "./announce-revocation.ts";
import { ipOrNull } from "./open-session.ts";
import { lockAccount } from "./repository/accounts.ts";
import { voidDeviceTokensOfSessions, voidDeviceTokensOfUser } from "./repository/device-tokens.ts";
import { insertSecurityEvent } from "./repository/history.ts";
import { revokeSession, revokeSessionsOfUser } from "./repository/sessions.ts";
import { requireStepUp } from "./require-step-up.ts";

type Scope = LogoutInput["scope"];
interface End {
  actor: Actor;
  now: Date;
}

/** What each scope ends; answers the sessions' ids. The caller's own device stays known: signing in again is no new device. */
const endings: Record<Scope, (tx: Tx, end: End) => Promise<string[]>> = {
  this: (tx, { actor, now }) => revokeSession(tx, { id: actor.sessionId, now, reason: "logout" }),
  async others(tx, { actor, now }) {
    const { userId, sessionId: exceptId } = actor;
    const ended = await revokeSessionsOfUser(tx, { userId, now, reason: "logout", exceptId });
    await voidDeviceTokensOfSessions(tx, ended, now);
    return ended;
  },
  async all(tx, { actor, now }) {
    const { userId, sessionId: exceptSessionId } = actor;
    const ended = await revokeSessionsOfUser(tx, { userId, now, reason: "logout", exceptId: null });
    await voidDeviceTokensOfUser(tx, { userId, now, exceptSessionId });
    return ended;
  },
};

/**
 * Ends this session, the others, or all; effective on every node with the next call, and their sockets close.
 * @throws EchoError STEP_UP_REQUIRED for `others` and `all`
 */
export async function logout(core: Core, actor: Actor, { scope }: LogoutInput): Promise<Empty> {
  if (scope !== "this") requireStepUp(core, actor);
  const now = core.clock.now();
  const ended = await core.db.transaction(async (tx) => {
    await lockAccount(tx, actor.userId);
    const sessionIds = await endings[scope](tx, { actor, now });
    const data = { scope, sessionId: actor.sessionId, sessions: sessionIds.length };
    const event = { id: core.ids.uuid(), userId: actor.userId, ip: ipOrNull(actor), createdAt: now };
    await insertSecurityEvent(tx, { ...event, type: "logout", data });
    return sessionIds;
  });
  await announceRevocation(core, actor.userId, ended);
  return {};
}
