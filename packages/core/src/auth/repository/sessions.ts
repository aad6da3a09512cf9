import type { Device } from "@echo/contracts";
import { type Queryable, statement, type Tx } from "@echo/db";

export interface SessionRow {
  id: string;
  userId: string;
  device: Device;
  ip: string | null;
  gen: number;
  /** Sealed. */
  familyKey: Uint8Array<ArrayBuffer>;
  authTime: Date;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  absoluteExpiresAt: Date;
}

const columns = `id, user_id AS "userId", device, host(ip) AS ip, gen, family_key AS "familyKey", auth_time AS "authTime",
  created_at AS "createdAt", last_seen_at AS "lastSeenAt", expires_at AS "expiresAt", absolute_expires_at AS "absoluteExpiresAt"`;

/** A session that nobody ended and that has not run out. */
const isLive = "revoked_at IS NULL AND expires_at > $2";

const lockLive = statement<SessionRow>(
  "auth_session_lock_live",
  `SELECT ${columns} FROM auth.sessions WHERE id = $1 AND ${isLive} FOR NO KEY UPDATE`,
);

export async function lockLiveSession(tx: Tx, id: string, now: Date): Promise<SessionRow | null> {
  const [session] = await tx.query(lockLive, [id, now]);
  return session ?? null;
}

export async function insertSession(tx: Tx, session: SessionRow): Promise<void> {
  await tx.prisma.session.create({ data: { ...session, device: { ...session.device } } });
}

const slide = statement<never>(
  "auth_session_slide",
  "UPDATE auth.sessions SET gen = greatest(gen, $2), expires_at = $3, last_seen_at = $4 WHERE id = $1",
);

/** A refresh: the session lives longer, and the token that was presented counts as used. */
export async function slideSession(
  tx: Tx,
  { id, usedGen, expiresAt, now }: { id: string; usedGen: number; expiresAt: Date; now: Date },
): Promise<void> {
  await tx.query(slide, [id, usedGen, expiresAt, now]);
}

const renewAuthTime = statement<SessionRow>(
  "auth_session_renew_auth_time",
  `UPDATE auth.sessions SET auth_time = $2 WHERE id = $1 AND ${isLive} RETURNING ${columns}`,
);

/** Null when the session has ended meanwhile. */
export async function renewSessionAuthTime(db: Queryable, id: string, now: Date): Promise<SessionRow | null> {
  const [session] = await db.query(renewAuthTime, [id, now]);
  return session ?? null;
}

const revokeBeyond = statement<{ id: string }>(
  "auth_sessions_revoke_beyond",
  `UPDATE auth.sessions SET revoked_at = $2, revoked_reason = 'limit' WHERE id IN (
     SELECT id FROM auth.sessions WHERE user_id = $1 AND ${isLive} ORDER BY created_at DESC, id DESC OFFSET $3) RETURNING id`,
);

/** Ends all but the `keep` newest. */
export async function revokeOldestSessions(
  tx: Tx,
  { userId, now, keep }: { userId: string; now: Date; keep: number },
): Promise<string[]> {
  return (await tx.query(revokeBeyond, [userId, now, keep])).map(({ id }) => id);
}

export type RevocationReason = "logout" | "refresh_reuse";

const revokeOne = statement<{ id: string }>(
  "auth_session_revoke",
  "UPDATE auth.sessions SET revoked_at = $2, revoked_reason = $3 WHERE id = $1 AND revoked_at IS NULL RETURNING id",
);

/** Empty when it had ended before. */
export async function revokeSession(
  tx: Tx,
  { id, now, reason }: { id: string; now: Date; reason: RevocationReason },
): Promise<string[]> {
  return (await tx.query(revokeOne, [id, now, reason])).map((row) => row.id);
}

const revokeAll = statement<{ id: string }>(
  "auth_sessions_revoke_all",
  `UPDATE auth.sessions SET revoked_at = $2, revoked_reason = $3
   WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $4 RETURNING id`,
);

/** Ends every session of the user but `exceptId`. */
export async function revokeSessionsOfUser(
  tx: Tx,
  { userId, now, reason, exceptId }: { userId: string; now: Date; reason: RevocationReason; exceptId: string | null },
): Promise<string[]> {
  return (await tx.query(revokeAll, [userId, now, reason, exceptId])).map(({ id }) => id);
}
