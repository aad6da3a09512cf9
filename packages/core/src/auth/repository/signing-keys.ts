import { type Queryable, statement } from "@echo/db";

type KeyState = "next" | "current" | "verifying" | "retired";

export interface SigningKeyRow {
  kid: string;
  state: KeyState;
  publicJwk: Record<string, unknown>;
  /** PKCS #8, sealed. */
  privateKey: Uint8Array;
}

const usable = statement<SigningKeyRow>(
  "auth_signing_keys_usable",
  `SELECT kid, state, public_jwk AS "publicJwk", private_key AS "privateKey" FROM auth.signing_keys
   WHERE state <> 'retired' AND revoked_at IS NULL AND (retires_at IS NULL OR retires_at > $1) ORDER BY created_at, kid`,
);

/** Keys whose signatures count now. */
export const listUsableKeys = (db: Queryable, now: Date): Promise<SigningKeyRow[]> => db.query(usable, [now]);

const insertCurrent = statement<{ kid: string }>(
  "auth_signing_keys_insert_current",
  `INSERT INTO auth.signing_keys (kid, state, public_jwk, private_key, current_at) VALUES ($1, 'current', $2, $3, $4)
   ON CONFLICT (state) WHERE state = 'current' DO NOTHING RETURNING kid`,
);

/** False when another process was first: there is one current key, by a unique index. */
export async function insertCurrentKey(
  db: Queryable,
  key: { kid: string; publicJwk: Record<string, unknown>; privateKey: Uint8Array; now: Date },
): Promise<boolean> {
  const rows = await db.query(insertCurrent, [key.kid, JSON.stringify(key.publicJwk), key.privateKey, key.now]);
  return rows.length > 0;
}
