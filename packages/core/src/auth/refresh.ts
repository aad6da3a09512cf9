import type { AuthResult, RefreshInput } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { unauthorized } from "@echo/platform";
import type { Caller, Core } from "../core.ts";
import { announceRevocation } from "./announce-revocation.ts";
import { toAuthResult } from "./auth-result.ts";
import { openFamilyKey } from "./family-key.ts";
import { ipOrNull, slidingEnd } from "./open-session.ts";
import { deviceTokenOf, hashToken, judgeRefresh, type PresentedToken, successorOf } from "./refresh-family.ts";
import { type Account, findAccount } from "./repository/accounts.ts";
import { voidDeviceTokensOfSessions } from "./repository/device-tokens.ts";
import { insertSecurityEvent } from "./repository/history.ts";
import {
  findFamily,
  findPresentedToken,
  insertRefreshToken,
  markRefreshTokenUsed,
  removeExpiredRefreshTokens,
} from "./repository/refresh-tokens.ts";
import { lockLiveSession, revokeSession, type SessionRow, slideSession } from "./repository/sessions.ts";

interface Refreshed {
  outcome: "refreshed";
  account: Account;
  session: SessionRow;
  gen: number;
  refreshToken: string;
  deviceToken: string;
}
type Outcome = Refreshed | { outcome: "refused" } | { outcome: "reuse"; userId: string; sessionIds: string[] };

/**
 * Exchanges a refresh token for its one successor and a new access token (security.md, "Refresh tokens"). A token that
 * somebody else must have used ends the session, and that commits although the call fails.
 * @throws EchoError UNAUTHORIZED
 */
export async function refresh(core: Core, caller: Caller, { refreshToken }: RefreshInput): Promise<AuthResult> {
  const result = await core.db.transaction((tx) => exchange(core, tx, { refreshToken, caller }));
  if (result.outcome === "refreshed") return toAuthResult(core, result);
  if (result.outcome === "reuse") {
    core.logger.warn("A refresh token was used again; its session has ended", { userId: result.userId });
    await announceRevocation(core, result.userId, result.sessionIds);
  }
  throw unauthorized("The refresh token is not valid; sign in again");
}

interface Presented {
  refreshToken: string;
  caller: Caller;
}

/** Locks the session, then looks: of parallel refreshes the second sees what the first did, and none outlives a logout. */
async function exchange(core: Core, tx: Tx, { refreshToken, caller }: Presented): Promise<Outcome> {
  const now = core.clock.now();
  const tokenHash = hashToken(refreshToken);
  const sessionId = await findFamily(tx, tokenHash);
  const session = sessionId === null ? null : await lockLiveSession(tx, sessionId, now);
  const token = await findPresentedToken(tx, tokenHash);
  if (session === null || token === null) return { outcome: "refused" };
  const account = await findAccount(tx, session.userId);
  if (account?.status !== "active") return { outcome: "refused" };

  const verdict = judgeRefresh(token, now, core.config.lifetimes.refreshGraceMs);
  if (verdict === "expired") return { outcome: "refused" };
  if (verdict === "reuse") return endFamily(core, tx, { session, caller });
  const familyKey = openFamilyKey(core, session);
  const given = { refreshToken: successorOf(familyKey, refreshToken), deviceToken: deviceTokenOf(familyKey) };
  const isFirstUse = verdict === "rotate";
  const current = isFirstUse
    ? await rotate(core, tx, { session, token, tokenHash, successor: given.refreshToken })
    : session;
  return { outcome: "refreshed", account, session: current, gen: token.gen + 1, ...given };
}

interface Rotation {
  session: SessionRow;
  token: PresentedToken;
  tokenHash: Uint8Array;
  successor: string;
}

async function rotate(core: Core, tx: Tx, { session, token, tokenHash, successor }: Rotation): Promise<SessionRow> {
  const now = core.clock.now();
  const expiresAt = slidingEnd(core, session.absoluteExpiresAt);
  await removeExpiredRefreshTokens(tx, session.id, now);
  await markRefreshTokenUsed(tx, tokenHash, now);
  await insertRefreshToken(tx, {
    id: core.ids.uuid(),
    sessionId: session.id,
    tokenHash: hashToken(successor),
    gen: token.gen + 1,
    expiresAt,
    createdAt: now,
  });
  await slideSession(tx, { id: session.id, usedGen: token.gen, expiresAt, now });
  return { ...session, expiresAt, lastSeenAt: now };
}

async function endFamily(
  core: Core,
  tx: Tx,
  { session, caller }: { session: SessionRow; caller: Caller },
): Promise<Outcome> {
  const now = core.clock.now();
  const { id, userId } = session;
  const sessionIds = await revokeSession(tx, { id, now, reason: "refresh_reuse" });
  await voidDeviceTokensOfSessions(tx, sessionIds, now);
  await insertSecurityEvent(tx, {
    id: core.ids.uuid(),
    userId,
    type: "refresh_reuse",
    ip: ipOrNull(caller),
    data: { sessionId: id },
    createdAt: now,
  });
  return { outcome: "reuse", userId, sessionIds };
}
