import { refundAttempt, reserveAttempt } from "../auth/index.ts";
import type { Caller, Core } from "../core.ts";
import type { StaffRow } from "./repository/staff.ts";

interface Typed {
  /** Normalised, as typed. */
  address: string;
  password: string;
  staff: StaffRow | null;
  /** A live session is worth no less than a device token. */
  isSignedIn: boolean;
}

/** To be refunded once the sign-in, or the step-up, is complete. */
export interface RightPassword {
  attemptId: string;
  stored: string;
  needsRehash: boolean;
}

/**
 * Null for a wrong password, and alike, after one verification: nobody's address, somebody disabled, an address that is
 * shut here.
 * @throws EchoError TOO_MANY_REQUESTS `signIn`, `hashing`
 */
export async function judgePassword(core: Core, caller: Caller, typed: Typed): Promise<RightPassword | null> {
  const { address, password, staff, isSignedIn } = typed;
  const attemptId = await reserveAttempt(core, { scope: "staff", address, ip: caller.ip });
  const stored = attemptId === null || staff === null || staff.disabledAt !== null ? null : staff.passwordHash;
  const verdict = await verifyOrRefund(core, attemptId, () =>
    core.ports.passwords.verify(password, stored, { ip: caller.ip, hasDeviceToken: isSignedIn }),
  );
  if (attemptId === null || stored === null || !verdict.matches) return null;
  return { attemptId, stored, needsRehash: verdict.needsRehash };
}

/** What was not judged, because the queue was full, does not count. */
async function verifyOrRefund<T>(core: Core, attemptId: string | null, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (attemptId !== null) await refundAttempt(core.db, attemptId);
    throw error;
  }
}
