/** Also Prisma's bound of a transaction: PostgreSQL has one of its own from 17 on. */
export const transactionMs = 30_000;

const versionOfTransactionTimeout = 170_000;

/**
 * What every connection that serves calls must have. PrismaPg reads and writes timestamps without looking at their zone, so
 * the session's must be UTC.
 */
const settings = {
  TimeZone: "UTC",
  lock_timeout: "5s",
  idle_in_transaction_session_timeout: "10s",
  statement_timeout: "30s",
  transaction_timeout: `${transactionMs / 1_000}s`,
};

const isKnown = (name: string, version: number) =>
  name !== "transaction_timeout" || version >= versionOfTransactionTimeout;

/** Those that a server of that version knows; 150004 is 15.4. */
export const settingsFor = (version: number): [name: string, value: string][] =>
  Object.entries(settings).filter(([name]) => isKnown(name, version));

/** The names of those that bound a time. */
export const boundsFor = (version: number): string[] =>
  settingsFor(version).flatMap(([name]) => (name.endsWith("_timeout") ? name : []));

function setAll(all: [name: string, value: string][]): string {
  const calls = all.map(([name, value]) => {
    const call = `set_config('${name}', '${value}', false)`;
    const since = versionOfTransactionTimeout;
    return isKnown(name, 0)
      ? call
      : `CASE WHEN current_setting('server_version_num')::int >= ${since} THEN ${call} END`;
  });
  return `SELECT ${calls.join(", ")}`;
}

/** SQL, in one round trip. Not startup parameters: a pooler refuses those that it does not know. */
export const applySettings = setAll(Object.entries(settings));

/** SQL for a connection that bears no limit of time, whatever its role's defaults are (set-role-defaults.ts). */
export const liftBounds = setAll(
  Object.keys(settings).flatMap((name): [string, string][] => (name.endsWith("_timeout") ? [[name, "0"]] : [])),
);
