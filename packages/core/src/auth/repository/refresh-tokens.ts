import { type Queryable, statement, type Tx } from "@echo/db";
import type { PresentedToken } from "../refresh-family.ts";

export interface RefreshTokenRow {
  id: string;
  sessionId: string;
  tokenHash: Uint8Array<ArrayBuffer>;
  gen: number;
  expiresAt: Date;
  createdAt: Date;
}

export async function insertRefreshToken(tx: Tx, token: RefreshTokenRow): Promise<void> {
  await tx.prisma.refreshToken.create({ data: token });
}

const family = statement<{ sessionId: string }>(
  "auth_refresh_family",
  `SELECT session_id AS "sessionId" FROM auth.refresh_tokens WHERE token_hash = $1`,
);

/** The session to lock before anything is judged. */
export async function findFamily(db: Queryable, tokenHash: Uint8Array): Promise<string | null> {
  const [token] = await db.query(family, [tokenHash]);
  return token?.sessionId ?? null;
}

const presented = statement<PresentedToken>(
  "auth_refresh_presented",
  `SELECT t.gen, t.first_used_at AS "firstUsedAt", t.expires_at AS "expiresAt", s.gen AS "usedGen",
     (SELECT max(n.gen) FROM auth.refresh_tokens n WHERE n.session_id = t.session_id) AS "newestGen"
   FROM auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id WHERE t.token_hash = $1`,
);

/** Under the session's lock: a statement of its own sees what the refresh before this one committed. */
export async function findPresentedToken(tx: Tx, tokenHash: Uint8Array): Promise<PresentedToken | null> {
  const [token] = await tx.query(presented, [tokenHash]);
  return token ?? null;
}

const markUsed = statement<never>(
  "auth_refresh_mark_used",
  "UPDATE auth.refresh_tokens SET first_used_at = $2 WHERE token_hash = $1 AND first_used_at IS NULL",
);

export async function markRefreshTokenUsed(tx: Tx, tokenHash: Uint8Array, now: Date): Promise<void> {
  await tx.query(markUsed, [tokenHash, now]);
}

const removeExpired = statement<never>(
  "auth_refresh_remove_expired",
  "DELETE FROM auth.refresh_tokens WHERE session_id = $1 AND expires_at <= $2",
);

/** What has expired opens nothing and proves nothing: a family keeps a week of hashes. */
export async function removeExpiredRefreshTokens(tx: Tx, sessionId: string, now: Date): Promise<void> {
  await tx.query(removeExpired, [sessionId, now]);
}
