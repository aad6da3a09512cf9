import type { AuthResult, Place, Session } from "@echo/contracts";
import type { Core } from "../core.ts";
import { profileOf } from "../users/index.ts";
import type { Account } from "./repository/accounts.ts";
import type { SessionRow } from "./repository/sessions.ts";

interface SignedIn {
  account: Account;
  session: SessionRow;
  /** Of the access token; the session row follows at its first use. */
  gen: number;
  refreshToken: string;
  deviceToken: string;
}

/** What a client gets when it signs in or refreshes. */
export async function toAuthResult(core: Core, signedIn: SignedIn): Promise<AuthResult> {
  const { account, session, gen, refreshToken, deviceToken } = signedIn;
  const { accessToken, expiresAt } = await issueAccessToken(core, session, gen);
  return {
    accessToken,
    refreshToken,
    deviceToken,
    expiresAt,
    user: {
      userId: account.id,
      email: account.email,
      emailVerified: account.emailVerifiedAt !== null,
      profile: await profileOf(core, account.id),
    },
    session: toSession(session, session.id),
  };
}

export async function issueAccessToken(
  core: Core,
  session: SessionRow,
  gen: number,
): Promise<{ accessToken: string; expiresAt: string }> {
  const claims = { userId: session.userId, sessionId: session.id, gen, authTime: session.authTime };
  const { accessToken, expiresAt } = await core.ports.keys.sign(claims, core.clock.now());
  return { accessToken, expiresAt: expiresAt.toISOString() };
}

/** Places come with the location slice. */
const nowhere: Place = { country: null, countryCode: null, region: null, city: null, timezone: null };

/** @param currentId the session that asks */
export const toSession = (
  session: Pick<SessionRow, "id" | "device" | "ip" | "createdAt" | "lastSeenAt" | "expiresAt">,
  currentId: string,
): Session => ({
  id: session.id,
  device: session.device,
  ip: session.ip ?? "",
  place: nowhere,
  createdAt: session.createdAt.toISOString(),
  lastSeenAt: session.lastSeenAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
  current: session.id === currentId,
});
