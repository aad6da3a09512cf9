import { type Queryable, statement, type Tx } from "@echo/db";

export interface ChallengeRow {
  id: string;
  staffId: string;
  attemptId: string;
  wrongCodes: number;
  expiresAt: Date;
  usedAt: Date | null;
}

export interface NewChallenge {
  id: string;
  staffId: string;
  tokenHash: Uint8Array<ArrayBuffer>;
  attemptId: string;
  createdAt: Date;
  expiresAt: Date;
}

export async function insertChallenge(tx: Tx, challenge: NewChallenge): Promise<void> {
  await tx.prisma.staffChallenge.create({ data: challenge });
}

const columns = `id, staff_id AS "staffId", attempt_id AS "attemptId", wrong_codes AS "wrongCodes",
  expires_at AS "expiresAt", used_at AS "usedAt"`;
const byToken = statement<ChallengeRow>(
  "staff_challenge_by_token",
  `SELECT ${columns} FROM auth.staff_challenges WHERE token_hash = $1`,
);

/** To be read again under the staff row's lock: every change of a challenge is made under it. */
export async function findChallenge(db: Queryable, tokenHash: Uint8Array): Promise<ChallengeRow | null> {
  const [challenge] = await db.query(byToken, [tokenHash]);
  return challenge ?? null;
}

const countWrong = statement<never>(
  "staff_challenge_count_wrong",
  "UPDATE auth.staff_challenges SET wrong_codes = wrong_codes + 1 WHERE id = $1",
);

export async function countWrongCodeOfChallenge(tx: Tx, id: string): Promise<void> {
  await tx.query(countWrong, [id]);
}

const use = statement<never>("staff_challenge_use", "UPDATE auth.staff_challenges SET used_at = $2 WHERE id = $1");

export async function useChallenge(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.query(use, [id, now]);
}

const removeExpired = statement<never>(
  "staff_challenges_remove_expired",
  "DELETE FROM auth.staff_challenges WHERE staff_id = $1 AND expires_at <= $2",
);

export async function removeExpiredChallenges(tx: Tx, staffId: string, now: Date): Promise<void> {
  await tx.query(removeExpired, [staffId, now]);
}
