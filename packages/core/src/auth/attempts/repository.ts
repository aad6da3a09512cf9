import { type Queryable, statement, type Tx } from "@echo/db";

export type AttemptScope = "staff" | "user";

export interface AttemptRow {
  id: string;
  scope: AttemptScope;
  kind: "sign_in" | "second_factor";
  subject: Uint8Array;
  network: string | null;
  at: Date;
}

/** The class of our advisory locks, beside that of the event log. */
const lock = statement<never>(
  "auth_attempts_lock",
  `SELECT pg_advisory_xact_lock(4712, key) FROM (
     SELECT DISTINCT hashtext(name) AS key FROM unnest($1::text[]) AS name ORDER BY key) AS keys`,
);

/** Whoever counts by one of these names waits for the others; all in one order, so that nobody waits in a circle. */
export async function lockAttempts(tx: Tx, names: readonly string[]): Promise<void> {
  await tx.query(lock, [names]);
}

/** How the failures stand; a `full` is the time of the one that must age out of its window first, null while there is room. */
export interface SignInCounts {
  networkFull: Date | null;
  addressesFull: Date | null;
  /** Of this address, everywhere. */
  addressFull: Date | null;
  /** Of this address on this network. */
  failures: number;
  lastFailureAt: Date | null;
}

const counts = statement<SignInCounts>(
  "auth_attempts_counts",
  `WITH on_network AS (SELECT subject, at FROM auth.attempts WHERE scope = $1 AND network = $3 AND at > $5),
     of_address AS (
       SELECT network, at FROM auth.attempts WHERE scope = $1 AND kind = 'sign_in' AND subject = $2 AND at > $6)
   SELECT (SELECT at FROM on_network WHERE at > $4 ORDER BY at DESC OFFSET $7::int - 1 LIMIT 1) AS "networkFull",
     (SELECT max(at) AS at FROM on_network GROUP BY subject ORDER BY at DESC OFFSET $8::int - 1 LIMIT 1) AS "addressesFull",
     (SELECT at FROM of_address WHERE at > $5 ORDER BY at DESC OFFSET $9::int - 1 LIMIT 1) AS "addressFull",
     (SELECT count(*) FROM of_address WHERE network = $3) AS failures,
     (SELECT max(at) FROM of_address WHERE network = $3) AS "lastFailureAt"`,
);

interface Question {
  scope: AttemptScope;
  subject: Uint8Array;
  network: string;
  /** The beginnings of the windows. */
  minuteAgo: Date;
  hourAgo: Date;
  dayAgo: Date;
  most: { ofNetwork: number; addresses: number; ofAddress: number };
}

export async function countSignInFailures(tx: Tx, question: Question): Promise<SignInCounts> {
  const { scope, subject, network, minuteAgo, hourAgo, dayAgo, most } = question;
  const figures = [most.ofNetwork, most.addresses, most.ofAddress];
  const [row] = await tx.query(counts, [scope, subject, network, minuteAgo, hourAgo, dayAgo, ...figures]);
  if (row === undefined) throw new Error("A query of aggregates returned no row");
  return row;
}

const wrongCodesFull = statement<{ at: Date }>(
  "auth_attempts_wrong_codes_full",
  `SELECT at FROM auth.attempts WHERE scope = $1 AND kind = 'second_factor' AND subject = $2 AND at > $3
   ORDER BY at DESC OFFSET $4::int - 1 LIMIT 1`,
);

/** When the oldest of the newest `most` was; null while there were fewer. */
export async function findWrongCodesFull(
  tx: Tx,
  { scope, subject, since, most }: { scope: AttemptScope; subject: Uint8Array; since: Date; most: number },
): Promise<Date | null> {
  const [row] = await tx.query(wrongCodesFull, [scope, subject, since, most]);
  return row?.at ?? null;
}

const insert = statement<never>(
  "auth_attempt_insert",
  `WITH swept AS (
     DELETE FROM auth.attempts WHERE id IN (
       SELECT id FROM auth.attempts WHERE at <= $7 ORDER BY at LIMIT 100 FOR UPDATE SKIP LOCKED))
   INSERT INTO auth.attempts (id, scope, kind, subject, network, at) VALUES ($1, $2, $3, $4, $5, $6)`,
);

/** Also takes away some of what nobody counts any more. */
export async function insertAttempt(tx: Tx, attempt: AttemptRow, forgottenBefore: Date): Promise<void> {
  const { id, scope, kind, subject, network, at } = attempt;
  await tx.query(insert, [id, scope, kind, subject, network, at, forgottenBefore]);
}

const remove = statement<never>("auth_attempt_remove", "DELETE FROM auth.attempts WHERE id = $1");

export async function removeAttempt(db: Queryable, id: string): Promise<void> {
  await db.query(remove, [id]);
}
