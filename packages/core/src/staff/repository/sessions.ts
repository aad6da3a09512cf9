import type { StaffRole } from "@echo/contracts";
import { type Queryable, statement, type Tx } from "@echo/db";

export interface StaffSessionRow {
  id: string;
  staffId: string;
  tokenHash: Uint8Array<ArrayBuffer>;
  ip: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  steppedUpAt: Date | null;
}

export async function insertStaffSession(tx: Tx, session: StaffSessionRow): Promise<void> {
  await tx.prisma.staffSession.create({ data: session });
}

export interface LiveStaffSession {
  id: string;
  staffId: string;
  role: StaffRole;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  steppedUpAt: Date | null;
}

/** A session that nobody ended, that neither end has reached, of somebody who may still come in; $2 now, $3 the oldest last_seen_at. */
const live = `SELECT s.id, s.staff_id AS "staffId", staff.role, s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt",
    s.expires_at AS "expiresAt", s.stepped_up_at AS "steppedUpAt"
  FROM auth.staff_sessions s JOIN auth.staff staff ON staff.id = s.staff_id
  WHERE s.ended_at IS NULL AND s.expires_at > $2 AND s.last_seen_at > $3 AND staff.disabled_at IS NULL`;

const liveByToken = statement<LiveStaffSession>("staff_session_live_by_token", `${live} AND s.token_hash = $1`);
const liveById = statement<LiveStaffSession>("staff_session_live_by_id", `${live} AND s.id = $1`);

/** When a session must have been seen to be alive at `now`. */
export interface Liveness {
  now: Date;
  seenAfter: Date;
}

export async function findLiveSessionByToken(
  db: Queryable,
  tokenHash: Uint8Array,
  { now, seenAfter }: Liveness,
): Promise<LiveStaffSession | null> {
  const [session] = await db.query(liveByToken, [tokenHash, now, seenAfter]);
  return session ?? null;
}

export async function findLiveStaffSession(
  db: Queryable,
  id: string,
  { now, seenAfter }: Liveness,
): Promise<LiveStaffSession | null> {
  const [session] = await db.query(liveById, [id, now, seenAfter]);
  return session ?? null;
}

const touch = statement<never>(
  "staff_session_touch",
  "UPDATE auth.staff_sessions SET last_seen_at = greatest(last_seen_at, $2) WHERE id = $1 AND ended_at IS NULL",
);

export async function touchStaffSession(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query(touch, [id, now]);
}

const end = statement<{ id: string }>(
  "staff_session_end",
  "UPDATE auth.staff_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id",
);

/** False when it had ended before. */
export async function endStaffSession(tx: Tx, id: string, now: Date): Promise<boolean> {
  return (await tx.query(end, [id, now])).length > 0;
}

const stepUp = statement<{ id: string }>(
  "staff_session_step_up",
  "UPDATE auth.staff_sessions SET stepped_up_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id",
);

/** False when it has ended meanwhile. */
export async function stepUpStaffSession(tx: Tx, id: string, now: Date): Promise<boolean> {
  return (await tx.query(stepUp, [id, now])).length > 0;
}

const removeOld = statement<never>(
  "staff_sessions_remove_old",
  "DELETE FROM auth.staff_sessions WHERE staff_id = $1 AND expires_at < $2",
);

/** What ran out before `before`: the audit log tells who was signed in when. */
export async function removeOldStaffSessions(tx: Tx, staffId: string, before: Date): Promise<void> {
  await tx.query(removeOld, [staffId, before]);
}
