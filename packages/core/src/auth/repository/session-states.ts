import { type Queryable, statement } from "@echo/db";

/** What every authenticated call asks of a session; there is none for a session that is over. */
export interface SessionStateRow {
  id: string;
  userId: string;
  gen: number;
  expiresAt: Date;
  lastSeenAt: Date;
}

const states = statement<SessionStateRow>(
  "auth_session_states",
  `SELECT s.id, s.user_id AS "userId", s.gen, s.expires_at AS "expiresAt", s.last_seen_at AS "lastSeenAt"
   FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
   WHERE s.id = ANY ($1::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.status = 'active' AND u.deleted_at IS NULL`,
);

/** Of sessions that live, of people who may sign in. */
export const findSessionStates = (db: Queryable, ids: readonly string[], now: Date): Promise<SessionStateRow[]> =>
  db.query(states, [ids, now]);

const raise = statement<{ gen: number }>(
  "auth_session_raise_gen",
  "UPDATE auth.sessions SET gen = greatest(gen, $2) WHERE id = $1 AND revoked_at IS NULL RETURNING gen",
);

/** Null when the session has ended. */
export async function raiseSessionGen(db: Queryable, id: string, gen: number): Promise<number | null> {
  const [session] = await db.query(raise, [id, gen]);
  return session?.gen ?? null;
}

const touch = statement<never>(
  "auth_session_touch",
  "UPDATE auth.sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at <= $3",
);

/** Writes only when it was last seen at `before` or earlier, whichever process saw it. */
export async function touchSession(
  db: Queryable,
  { id, now, before }: { id: string; now: Date; before: Date },
): Promise<void> {
  await db.query(touch, [id, now, before]);
}
