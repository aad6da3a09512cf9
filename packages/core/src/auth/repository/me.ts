import { type Queryable, statement } from "@echo/db";
import type { Account } from "./accounts.ts";
import type { SessionRow } from "./sessions.ts";

/** What somebody sees of his account and of the session that he asks with. */
export type MyRow = Pick<Account, "email" | "emailVerifiedAt" | "phone" | "phoneVerifiedAt"> &
  Pick<SessionRow, "id" | "userId" | "device" | "ip" | "createdAt" | "lastSeenAt" | "expiresAt">;

const mine = statement<MyRow>(
  "auth_me",
  `SELECT u.email, u.email_verified_at AS "emailVerifiedAt", u.phone, u.phone_verified_at AS "phoneVerifiedAt",
     s.id, s.user_id AS "userId", s.device, host(s.ip) AS ip, s.created_at AS "createdAt",
     s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt"
   FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id AND u.deleted_at IS NULL
   WHERE s.id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3`,
);

/** Null: the session is over, or the account gone. */
export async function findMine(
  db: Queryable,
  { sessionId, userId }: { sessionId: string; userId: string },
  now: Date,
): Promise<MyRow | null> {
  const [row] = await db.query(mine, [sessionId, userId, now]);
  return row ?? null;
}
