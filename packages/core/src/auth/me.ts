import type { Me } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { profileOf } from "../users/index.ts";
import { toSession } from "./auth-result.ts";
import { SessionEndedError } from "./authenticate.ts";
import { findMine } from "./repository/me.ts";

/** The caller's account, profile and session. */
export async function me(core: Core, actor: Actor): Promise<Me> {
  const [mine, profile] = await Promise.all([
    findMine(core.db, actor, core.clock.now()),
    profileOf(core, actor.userId),
  ]);
  if (mine === null) throw new SessionEndedError();
  return {
    userId: mine.userId,
    email: mine.email,
    emailVerified: mine.emailVerifiedAt !== null,
    phone: mine.phone,
    phoneVerified: mine.phoneVerifiedAt !== null,
    profile,
    factors: [],
    authTime: actor.authTime.toISOString(),
    session: toSession(mine, actor.sessionId),
  };
}
