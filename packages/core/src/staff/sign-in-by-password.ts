import type { SignInPasswordInput, StaffChallenge } from "@echo/contracts";
import { preconditionFailed, unauthorized } from "@echo/platform";
import { hashToken, parseAddress, refundAttempt } from "../auth/index.ts";
import type { Caller, Core } from "../core.ts";
import { judgePassword, type RightPassword } from "./judge-password.ts";
import { insertChallenge, removeExpiredChallenges } from "./repository/challenges.ts";
import { findStaffByAddress, lockStaff, replaceStaffPasswordHash, type StaffRow } from "./repository/staff.ts";

/** Enough for a hash that another sign-in renewed meanwhile. */
const maxAttempts = 2;

/**
 * The first half of a sign-in: a right password brings a challenge, which signInByTotp completes. Unknown addresses,
 * wrong passwords and disabled accounts cost one verification and answer alike.
 * @throws EchoError PRECONDITION_FAILED (the console is not on https), BAD_REQUEST (no address), UNAUTHORIZED,
 * TOO_MANY_REQUESTS `signIn`, `hashing`
 */
export async function signInByPassword(
  core: Core,
  caller: Caller,
  input: SignInPasswordInput,
): Promise<StaffChallenge> {
  requireHttps(core);
  const { normalized: address } = parseAddress(input.email);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const staff = await findStaffByAddress(core.db, address);
    const { password } = input;
    const right = await judgePassword(core, caller, { address, password, staff, isSignedIn: false });
    if (right === null || staff === null) break;
    const challenge = await openChallenge(core, staff.id, right);
    if (challenge === "changed") continue;
    if (right.needsRehash) await rehash(core, caller, { staff, from: right.stored, password });
    return challenge;
  }
  core.logger.warn("A sign-in to the console was refused", { ip: caller.ip });
  throw unauthorized("Wrong e-mail or password");
}

function requireHttps({ config }: Core): void {
  if (config.consoleUrl.startsWith("https:")) return;
  throw preconditionFailed(
    "Passwords are taken over https alone: reach the console by its https address, and set ECHO_CONSOLE_URL to it",
  );
}

/** "changed": the password was replaced while it was being verified. */
function openChallenge(core: Core, staffId: string, right: RightPassword): Promise<StaffChallenge | "changed"> {
  const challenge = core.ids.token();
  const now = core.clock.now();
  const expiresAt = new Date(now.getTime() + core.config.lifetimes.challengeMs);
  return core.db.transaction(async (tx) => {
    const staff = await lockStaff(tx, staffId);
    if (staff?.passwordHash !== right.stored || staff.disabledAt !== null) {
      await refundAttempt(tx, right.attemptId);
      return "changed";
    }
    await removeExpiredChallenges(tx, staffId, now);
    const row = { id: core.ids.uuid(), staffId, attemptId: right.attemptId, createdAt: now, expiresAt };
    await insertChallenge(tx, { ...row, tokenHash: hashToken(challenge) });
    return { challenge, expiresAt: expiresAt.toISOString() };
  });
}

/** The password is known now, and may be hashed with today's parameters; a full queue puts it off to the next sign-in. */
async function rehash(
  core: Core,
  { ip }: Caller,
  { staff, from, password }: { staff: StaffRow; from: string; password: string },
): Promise<void> {
  try {
    const to = await core.ports.passwords.hash(password, { ip, hasDeviceToken: true });
    await replaceStaffPasswordHash(core.db, { staffId: staff.id, from, to });
  } catch (error) {
    core.logger.warn("A password could not be rehashed yet", { staffId: staff.id, error });
  }
}
