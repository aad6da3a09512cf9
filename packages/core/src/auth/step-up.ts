import type { StepUpInput, StepUpResult } from "@echo/contracts";
import { unauthorized } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { issueAccessToken } from "./auth-result.ts";
import { SessionEndedError } from "./authenticate.ts";
import { findAccount } from "./repository/accounts.ts";
import { renewSessionAuthTime } from "./repository/sessions.ts";

/**
 * Proves the password again: the same session, an access token with a new auth_time, which refreshes keep.
 * @throws EchoError UNAUTHORIZED (wrong password), TOO_MANY_REQUESTS `hashing`
 */
export async function stepUp(core: Core, actor: Actor, { password }: StepUpInput): Promise<StepUpResult> {
  const account = await findAccount(core.db, actor.userId);
  // A verified token is worth no less than a device token.
  const request = { ip: actor.ip, hasDeviceToken: true };
  const { matches } = await core.ports.passwords.verify(password, account?.passwordHash ?? null, request);
  if (!matches) throw unauthorized("Wrong password");
  const session = await renewSessionAuthTime(core.db, actor.sessionId, core.clock.now());
  if (session === null) throw new SessionEndedError();
  return issueAccessToken(core, session, session.gen);
}
