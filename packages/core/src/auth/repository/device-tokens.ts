import { type Queryable, statement, type Tx } from "@echo/db";

export interface DeviceTokenRow {
  id: string;
  userId: string;
  sessionId: string;
  tokenHash: Uint8Array<ArrayBuffer>;
  expiresAt: Date;
  createdAt: Date;
}

export async function insertDeviceToken(tx: Tx, token: DeviceTokenRow): Promise<void> {
  await tx.prisma.deviceToken.create({ data: token });
}

const owner = statement<{ userId: string }>(
  "auth_device_token_owner",
  `SELECT user_id AS "userId" FROM auth.device_tokens WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2`,
);

/** Whose device it marks; null when the token is unknown, void or too old. */
export async function findDeviceTokenOwner(db: Queryable, tokenHash: Uint8Array, now: Date): Promise<string | null> {
  const [token] = await db.query(owner, [tokenHash, now]);
  return token?.userId ?? null;
}

const voidOfSessions = statement<never>(
  "auth_device_tokens_void_of_sessions",
  "UPDATE auth.device_tokens SET revoked_at = $2 WHERE session_id = ANY ($1::uuid[]) AND revoked_at IS NULL",
);

export async function voidDeviceTokensOfSessions(tx: Tx, sessionIds: readonly string[], now: Date): Promise<void> {
  await tx.query(voidOfSessions, [sessionIds, now]);
}

const voidOfUser = statement<never>(
  "auth_device_tokens_void_of_user",
  `UPDATE auth.device_tokens SET revoked_at = $2
   WHERE user_id = $1 AND revoked_at IS NULL AND session_id IS DISTINCT FROM $3`,
);

/** All but those of the session that asks. */
export async function voidDeviceTokensOfUser(
  tx: Tx,
  { userId, now, exceptSessionId }: { userId: string; now: Date; exceptSessionId: string },
): Promise<void> {
  await tx.query(voidOfUser, [userId, now, exceptSessionId]);
}

const removeExpired = statement<never>(
  "auth_device_tokens_remove_expired",
  "DELETE FROM auth.device_tokens WHERE user_id = $1 AND expires_at <= $2",
);

export async function removeExpiredDeviceTokens(tx: Tx, userId: string, now: Date): Promise<void> {
  await tx.query(removeExpired, [userId, now]);
}
