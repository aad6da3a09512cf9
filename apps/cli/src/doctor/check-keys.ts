import { type Db, statement } from "@echo/db";
import { type Clock, createSecretBox } from "@echo/platform";
import { type Check, fault, fine, type Verdict, warning } from "./finding.ts";

const dayMs = 86_400_000;
/** NIST SP 800-57 part 1, 5.3.6: a private signature key is used for one to three years. */
const oldDays = 365;
/** A rotation is over within 20 minutes (security.md). */
const stuckMs = 3_600_000;

export interface SigningKey {
  kid: string;
  state: "next" | "current" | "verifying" | "retired";
  /** Since when it is in this state. */
  since: Date;
  retiresAt: Date | null;
  isRevoked: boolean;
  /** Encrypted under ECHO_SECRET_PREVIOUS. */
  isSealedOld: boolean;
}

interface KeyOptions {
  db: Db;
  clock: Clock;
  secret: Uint8Array;
  /** Asking there makes a current key. */
  apiAddress: string;
}

export function checkKeys({ db, clock, secret, apiAddress }: KeyOptions): Check {
  return {
    name: "signing keys",
    mend: "echoctl migrate",
    work: async () =>
      judgeKeys(await listKeys(db, secret), clock.now(), `curl http://${apiAddress}/.well-known/jwks.json`),
  };
}

export function judgeKeys(keys: readonly SigningKey[], now: Date, makeKey: string): Verdict {
  if (keys.length === 0) return fine("none yet: the first sign-in makes one");
  const usable = keys.filter(({ state, isRevoked }) => state !== "retired" && !isRevoked);
  const current = usable.find(({ state }) => state === "current");
  if (!current) return fault("none is current: nobody can sign in until there is one", makeKey);
  const stuck = usable.find((key) => key.state !== "current" && isStuck(key, now));
  if (stuck) {
    return fault(
      `${stuck.kid} is ${stuck.state} since ${stuck.since.toISOString()}: its rotation stopped half-way`,
      `SQL: UPDATE auth.signing_keys SET state = 'retired' WHERE kid = '${stuck.kid}'`,
    );
  }
  const days = Math.floor((now.getTime() - current.since.getTime()) / dayMs);
  const said = `current ${current.kid}, ${days} days old; ${usable.length} in use`;
  if (usable.some(({ isSealedOld }) => isSealedOld)) {
    return warning(`${said}, encrypted under ECHO_SECRET_PREVIOUS`, "keep ECHO_SECRET_PREVIOUS set for every process");
  }
  if (days >= oldDays) {
    return warning(
      `${said}: older than a year`,
      `SQL: UPDATE auth.signing_keys SET state = 'verifying', retires_at = now() + interval '20 minutes' WHERE state = 'current'`,
    );
  }
  return fine(said);
}

function isStuck({ since, retiresAt }: SigningKey, now: Date): boolean {
  const due = Math.max(since.getTime(), retiresAt?.getTime() ?? 0);
  return now.getTime() - due > stuckMs;
}

const all = statement<Omit<SigningKey, "isSealedOld"> & { privateKey: Uint8Array }>(
  "doctor_signing_keys",
  `SELECT kid, state, CASE WHEN state = 'current' THEN coalesce(current_at, created_at) ELSE updated_at END AS since,
     retires_at AS "retiresAt", revoked_at IS NOT NULL AS "isRevoked", private_key AS "privateKey"
   FROM auth.signing_keys ORDER BY created_at, kid`,
);

async function listKeys(db: Db, secret: Uint8Array): Promise<SigningKey[]> {
  const box = createSecretBox({ secret });
  const rows = await db.query(all);
  return rows.map(({ privateKey, ...key }) => ({ ...key, isSealedOld: box.isOld(privateKey) }));
}
