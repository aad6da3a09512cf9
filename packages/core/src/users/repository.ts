import { isDbError, type Queryable, statement, type Tx } from "@echo/db";

export interface ProfileRow {
  userId: string;
  username: string;
  displayName: string;
  bio: string;
  avatarUrl: string | null;
  status: string;
}

const columns = `user_id AS "userId", username, display_name AS "displayName", bio, avatar_url AS "avatarUrl", status`;

const byIds = statement<ProfileRow>(
  "users_profiles_by_ids",
  `SELECT ${columns} FROM users.profiles WHERE user_id = ANY ($1::uuid[]) AND deleted_at IS NULL`,
);

export const findProfileRows = (db: Queryable, userIds: readonly string[]): Promise<ProfileRow[]> =>
  db.query(byIds, [userIds]);

const lock = statement<ProfileRow>(
  "users_profile_lock",
  `SELECT ${columns} FROM users.profiles WHERE user_id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
);

export async function lockProfile(tx: Tx, userId: string): Promise<ProfileRow | null> {
  const [profile] = await tx.query(lock, [userId]);
  return profile ?? null;
}

const insert = statement<ProfileRow>(
  "users_profile_insert",
  `INSERT INTO users.profiles (user_id, username, display_name) VALUES ($1, $2, $3)
   ON CONFLICT (lower(username)) WHERE deleted_at IS NULL DO NOTHING RETURNING ${columns}`,
);

/** Null when the username is taken. */
export async function insertProfileRow(
  tx: Tx,
  { userId, username, displayName }: Pick<ProfileRow, "userId" | "username" | "displayName">,
): Promise<ProfileRow | null> {
  const [profile] = await tx.query(insert, [userId, username, displayName]);
  return profile ?? null;
}

const update = statement<never>(
  "users_profile_update",
  "UPDATE users.profiles SET username = $2, display_name = $3, bio = $4, avatar_url = $5, status = $6 WHERE user_id = $1",
);

export async function updateProfile(tx: Tx, profile: ProfileRow): Promise<void> {
  const { userId, username, displayName, bio, avatarUrl, status } = profile;
  await tx.query(update, [userId, username, displayName, bio, avatarUrl, status]);
}

/** Whether a transaction failed because somebody else has that username. */
export const isUsernameTaken = (error: unknown): boolean => isDbError(error, "unique", "profiles_username_key");

const byUsernames = statement<{ userId: string; username: string }>(
  "users_ids_by_usernames",
  `SELECT user_id AS "userId", lower(username) AS username FROM users.profiles
   WHERE lower(username) = ANY ($1::text[]) AND deleted_at IS NULL`,
);

/** @param usernames in lower case, as the answer has them */
export const findUserIdRows = (
  db: Queryable,
  usernames: readonly string[],
): Promise<{ userId: string; username: string }[]> => db.query(byUsernames, [usernames]);
