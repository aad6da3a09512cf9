import type { AuthResult, LoginInput } from "@echo/contracts";
import { unauthorized } from "@echo/platform";
import type { Caller, Core } from "../core.ts";
import { parseAddress } from "./address.ts";
import { announceRevocation } from "./announce-revocation.ts";
import { toAuthResult } from "./auth-result.ts";
import { toDevice } from "./device.ts";
import { ipOrNull, type OpenedSession, openSession } from "./open-session.ts";
import { hashToken } from "./refresh-family.ts";
import { type Account, findAccountByAddress, lockAccount, replacePasswordHash } from "./repository/accounts.ts";
import { findDeviceTokenOwner } from "./repository/device-tokens.ts";
import { insertLoginRecord, type LoginRecord } from "./repository/history.ts";

/** Enough for a hash that another sign-in renewed meanwhile. */
const maxAttempts = 2;

/**
 * Signs in with a password. Unknown, password-less and suspended accounts cost one verification and answer alike.
 * @throws EchoError BAD_REQUEST (no address), UNAUTHORIZED, TOO_MANY_REQUESTS `hashing`
 */
export async function login(core: Core, caller: Caller, input: LoginInput): Promise<AuthResult> {
  const { normalized } = parseAddress(input.email);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const result = await tryLogin(core, caller, { ...input, normalized });
    if (result !== "changed") return result;
  }
  throw refused();
}

type Attempt = LoginInput & { normalized: string };

/** "changed": the credentials were replaced while they were being verified. */
async function tryLogin(core: Core, caller: Caller, attempt: Attempt): Promise<AuthResult | "changed"> {
  const account = await findAccountByAddress(core.db, attempt.normalized);
  const hasDeviceToken = await isKnownDevice(core, account, attempt.deviceToken);
  const stored = account?.status === "active" ? account.passwordHash : null;
  const { ip } = caller;
  const verdict = await core.ports.passwords.verify(attempt.password, stored, { ip, hasDeviceToken });
  if (account === null) throw refused();
  if (!verdict.matches || stored === null) {
    recordFailure(core, caller, { account, attempt });
    throw refused();
  }
  const opened = await open(core, caller, { account, attempt });
  if (opened === "changed") return opened;
  await announceRevocation(core, account.id, opened.endedSessionIds);
  if (verdict.needsRehash) await rehash(core, { userId: account.id, from: stored, password: attempt.password, ip });
  return toAuthResult(core, { account, ...opened, gen: 0 });
}

/** Looked up whether or not there is an account, so that both take the same time. */
async function isKnownDevice(core: Core, account: Account | null, deviceToken: string | undefined): Promise<boolean> {
  if (deviceToken === undefined) return false;
  const owner = await findDeviceTokenOwner(core.db, hashToken(deviceToken), core.clock.now());
  return owner !== null && owner === account?.id;
}

function open(
  core: Core,
  caller: Caller,
  { account, attempt }: { account: Account; attempt: Attempt },
): Promise<OpenedSession | "changed"> {
  return core.db.transaction(async (tx) => {
    const locked = await lockAccount(tx, account.id);
    if (locked?.passwordHash !== account.passwordHash || locked?.status !== "active") return "changed";
    const opened = await openSession(core, tx, { userId: account.id, device: toDevice(attempt.device), caller });
    const outcome = { sessionId: opened.session.id, result: "success", reason: null } as const;
    await insertLoginRecord(tx, { ...recordOf(core, caller, { account, attempt }), ...outcome });
    return opened;
  });
}

/** After the answer: an unknown address writes nothing, and the answer's time must not tell the two apart. */
function recordFailure(core: Core, caller: Caller, { account, attempt }: { account: Account; attempt: Attempt }): void {
  const outcome = { sessionId: null, result: "failure", reason: reasonOf(account) } as const;
  const record = { ...recordOf(core, caller, { account, attempt }), ...outcome };
  setImmediate(() => {
    insertLoginRecord(core.db, record).catch((error: unknown) =>
      core.logger.error("A failed sign-in could not be recorded", { userId: account.id, error }),
    );
  });
}

function reasonOf(account: Account): LoginRecord["reason"] {
  if (account.status === "suspended") return "suspended";
  return account.passwordHash === null ? "no_password" : "wrong_password";
}

const recordOf = (core: Core, caller: Caller, { account, attempt }: { account: Account; attempt: Attempt }) => ({
  id: core.ids.uuid(),
  userId: account.id,
  ip: ipOrNull(caller),
  device: toDevice(attempt.device),
  createdAt: core.clock.now(),
});

interface Rehash {
  userId: string;
  from: string;
  password: string;
  ip: string;
}

/** The password is known now, and may be hashed with today's parameters; a full queue puts it off to the next sign-in. */
async function rehash(core: Core, { userId, from, password, ip }: Rehash): Promise<void> {
  try {
    const to = await core.ports.passwords.hash(password, { ip, hasDeviceToken: true });
    await replacePasswordHash(core.db, { userId, from, to });
  } catch (error) {
    core.logger.warn("A password could not be rehashed yet", { userId, error });
  }
}

const refused = () => unauthorized("Wrong e-mail or password");
