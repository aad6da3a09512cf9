import { type Queryable, statement, type Tx } from "@echo/db";

export interface Account {
  id: string;
  email: string;
  emailVerifiedAt: Date | null;
  passwordHash: string | null;
  phone: string | null;
  phoneVerifiedAt: Date | null;
  status: "active" | "suspended";
}

const columns = `id, email, email_verified_at AS "emailVerifiedAt", password_hash AS "passwordHash", phone,
  phone_verified_at AS "phoneVerifiedAt", status`;

const byAddress = statement<Account>(
  "auth_account_by_address",
  `SELECT ${columns} FROM auth.users WHERE email_normalized = $1 AND deleted_at IS NULL`,
);
const byId = statement<Account>(
  "auth_account_by_id",
  `SELECT ${columns} FROM auth.users WHERE id = $1 AND deleted_at IS NULL`,
);
const lock = statement<Account>(
  "auth_account_lock",
  `SELECT ${columns} FROM auth.users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
);

export async function findAccountByAddress(db: Queryable, normalized: string): Promise<Account | null> {
  const [account] = await db.query(byAddress, [normalized]);
  return account ?? null;
}

export async function findAccount(db: Queryable, userId: string): Promise<Account | null> {
  const [account] = await db.query(byId, [userId]);
  return account ?? null;
}

/** Whatever changes an account's sessions or credentials takes this lock first. */
export async function lockAccount(tx: Tx, userId: string): Promise<Account | null> {
  const [account] = await tx.query(lock, [userId]);
  return account ?? null;
}

const insert = statement<Account>(
  "auth_account_insert",
  `INSERT INTO auth.users (id, email, email_normalized, password_hash, phone, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, $6)
   ON CONFLICT (email_normalized) WHERE deleted_at IS NULL DO NOTHING RETURNING ${columns}`,
);

export interface NewAccount {
  id: string;
  email: string;
  emailNormalized: string;
  passwordHash: string;
  phone: string | null;
  createdAt: Date;
}

/** Null when the address is taken. */
export async function insertAccount(tx: Tx, account: NewAccount): Promise<Account | null> {
  const { id, email, emailNormalized, passwordHash, phone, createdAt } = account;
  const [inserted] = await tx.query(insert, [id, email, emailNormalized, passwordHash, phone, createdAt]);
  return inserted ?? null;
}

const replaceHash = statement<{ id: string }>(
  "auth_account_replace_hash",
  "UPDATE auth.users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id",
);

/** Only while the hash is still the one that was verified. */
export async function replacePasswordHash(
  db: Queryable,
  { userId, from, to }: { userId: string; from: string; to: string },
): Promise<boolean> {
  return (await db.query(replaceHash, [userId, from, to])).length > 0;
}
