import type { StaffRole } from "@echo/contracts";
import { type Queryable, statement, type Tx } from "@echo/db";

export interface StaffRow {
  id: string;
  email: string | null;
  emailNormalized: string | null;
  name: string;
  role: StaffRole;
  passwordHash: string | null;
  /** Sealed. */
  totpSecret: Uint8Array<ArrayBuffer> | null;
  totpEnabledAt: Date | null;
  totpLastStep: number | null;
  isLocal: boolean;
  disabledAt: Date | null;
  createdAt: Date;
}

const columns = `id, email, email_normalized AS "emailNormalized", name, role, password_hash AS "passwordHash", totp_secret AS "totpSecret",
  totp_enabled_at AS "totpEnabledAt", totp_last_step AS "totpLastStep", is_local AS "isLocal",
  disabled_at AS "disabledAt", created_at AS "createdAt"`;

const byId = statement<StaffRow>("staff_by_id", `SELECT ${columns} FROM auth.staff WHERE id = $1`);
const byAddress = statement<StaffRow>(
  "staff_by_address",
  `SELECT ${columns} FROM auth.staff WHERE email_normalized = $1`,
);
const lock = statement<StaffRow>("staff_lock", `SELECT ${columns} FROM auth.staff WHERE id = $1 FOR NO KEY UPDATE`);

export async function findStaff(db: Queryable, id: string): Promise<StaffRow | null> {
  const [staff] = await db.query(byId, [id]);
  return staff ?? null;
}

export async function findStaffByAddress(db: Queryable, normalized: string): Promise<StaffRow | null> {
  const [staff] = await db.query(byAddress, [normalized]);
  return staff ?? null;
}

/** Whatever judges a code or changes a credential takes this lock first. */
export async function lockStaff(tx: Tx, id: string): Promise<StaffRow | null> {
  const [staff] = await tx.query(lock, [id]);
  return staff ?? null;
}

const upsertLink = statement<{ id: string; disabledAt: Date | null }>(
  "staff_upsert_link",
  `INSERT INTO auth.staff (id, name, role, is_local, link_token_hash, link_expires_at, created_at, updated_at)
   VALUES ($1, $2, 'admin', true, $3, $4, $5, $5)
   ON CONFLICT (is_local) WHERE is_local
     DO UPDATE SET link_token_hash = excluded.link_token_hash, link_expires_at = excluded.link_expires_at
   RETURNING id, disabled_at AS "disabledAt"`,
);

interface NewLink {
  /** Used when there is no local admin yet. */
  id: string;
  name: string;
  tokenHash: Uint8Array;
  expiresAt: Date;
  now: Date;
}

/** Gives the local admin, who is made when there is none, this link instead of an older one. */
export async function upsertLinkOfLocalAdmin(tx: Tx, link: NewLink): Promise<{ id: string; disabledAt: Date | null }> {
  const [staff] = await tx.query(upsertLink, [link.id, link.name, link.tokenHash, link.expiresAt, link.now]);
  if (staff === undefined) throw new Error("An upsert returned no row");
  return staff;
}

const consumeLink = statement<StaffRow>(
  "staff_consume_link",
  `UPDATE auth.staff SET link_token_hash = NULL, link_expires_at = NULL
   WHERE link_token_hash = $1 AND link_expires_at > $2 AND disabled_at IS NULL RETURNING ${columns}`,
);

/** Null when no link that may be used has this hash. */
export async function consumeLinkToken(tx: Tx, tokenHash: Uint8Array, now: Date): Promise<StaffRow | null> {
  const [staff] = await tx.query(consumeLink, [tokenHash, now]);
  return staff ?? null;
}

const lockTable = statement<never>("staff_lock_table", "LOCK TABLE auth.staff IN SHARE ROW EXCLUSIVE MODE");
const anyWithAddress = statement<{ id: string }>(
  "staff_any_with_address",
  "SELECT id FROM auth.staff WHERE NOT is_local LIMIT 1",
);

/** Keeps everybody else from adding staff until the transaction ends. */
export async function lockStaffTable(tx: Tx): Promise<void> {
  await tx.query(lockTable);
}

/** Somebody beside the local admin, disabled or not. */
export async function hasStaffWithAddress(db: Queryable): Promise<boolean> {
  return (await db.query(anyWithAddress)).length > 0;
}

export interface NewStaff {
  id: string;
  email: string;
  emailNormalized: string;
  name: string;
  role: StaffRole;
  passwordHash: string;
  totpSecret: Uint8Array<ArrayBuffer>;
  totpEnabledAt: Date;
  createdAt: Date;
}

export async function insertStaff(tx: Tx, staff: NewStaff): Promise<void> {
  await tx.prisma.staff.create({ data: staff });
}

const replaceHash = statement<never>(
  "staff_replace_hash",
  "UPDATE auth.staff SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
);

/** Only while the hash is still the one that was verified. */
export async function replaceStaffPasswordHash(
  db: Queryable,
  { staffId, from, to }: { staffId: string; from: string; to: string },
): Promise<void> {
  await db.query(replaceHash, [staffId, from, to]);
}

const setTotp = statement<never>(
  "staff_set_totp",
  "UPDATE auth.staff SET totp_secret = $2, totp_enabled_at = $3, totp_last_step = $4 WHERE id = $1",
);

export interface Totp {
  staffId: string;
  /** Sealed; null takes the factor away. */
  secret: Uint8Array | null;
  /** Null while it waits for its first code. */
  enabledAt: Date | null;
  lastStep: number | null;
}

export async function updateTotp(tx: Tx, { staffId, secret, enabledAt, lastStep }: Totp): Promise<void> {
  await tx.query(setTotp, [staffId, secret, enabledAt, lastStep]);
}

export interface StaffListRow extends StaffRow {
  lastSeenAt: Date | null;
}

const list = statement<StaffListRow>(
  "staff_list",
  `SELECT ${columns}, (SELECT max(last_seen_at) FROM auth.staff_sessions WHERE staff_id = staff.id) AS "lastSeenAt"
   FROM auth.staff ORDER BY created_at, id`,
);

/** Oldest first. */
export const listStaffRows = (db: Queryable): Promise<StaffListRow[]> => db.query(list);
