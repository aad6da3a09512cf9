import type { Me } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { profileOf } from "../users/index.ts";
import { toSession } from "./auth-result.ts";
import { SessionEndedError } from "./authenticate.ts";
import { findAccount } from "./repository/accounts.ts";
import { findLiveSession } from "./repository/sessions.ts";

/** The caller's account, profile and session. */
export async function me(core: Core, actor: Actor): Promise<Me> {
  const [account, session, profile] = await Promise.all([
    findAccount(core.db, actor.userId),
    findLiveSession(core.db, actor.sessionId, core.clock.now()),
    profileOf(core, actor.userId),
  ]);
  if (account === null || session === null) throw new SessionEndedError();
  return {
    userId: account.id,
    email: account.email,
    emailVerified: account.emailVerifiedAt !== null,
    phone: account.phone,
    phoneVerified: account.phoneVerifiedAt !== null,
    profile,
    factors: [],
    authTime: actor.authTime.toISOString(),
    session: toSession(session, actor.sessionId),
  };
}
