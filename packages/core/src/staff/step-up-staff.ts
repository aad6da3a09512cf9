import type { StaffStepUpInput, StaffStepUpResult } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { badRequest, preconditionFailed, unauthorized } from "@echo/platform";
import { refundAttempt } from "../auth/index.ts";
import type { Core } from "../core.ts";
import { appendAudit } from "./audit/append-audit.ts";
import { notSignedIn, type StaffActor } from "./authenticate-staff.ts";
import { judgeCode } from "./judge-code.ts";
import { judgePassword, type RightPassword } from "./judge-password.ts";
import { stepUpStaffSession } from "./repository/sessions.ts";
import { findStaff, lockStaff, type StaffRow } from "./repository/staff.ts";
import { steppedUpUntil } from "./session.ts";
import { factorsOf } from "./staff-me.ts";

/**
 * Proves every factor of the account again: destructive acts are allowed for the next five minutes.
 * @throws EchoError UNAUTHORIZED, BAD_REQUEST (not exactly the account's factors), PRECONDITION_FAILED (it has none),
 * TOO_MANY_REQUESTS `signIn`, `hashing`, `secondFactor`
 */
export async function stepUpStaff(core: Core, actor: StaffActor, input: StaffStepUpInput): Promise<StaffStepUpResult> {
  const staff = await findStaff(core.db, actor.staffId);
  if (staff === null) throw notSignedIn();
  requireItsFactors(staff, input);
  const right = await provePassword(core, actor, { staff, password: input.password });
  const until = await core.db.transaction((tx) => stepUp(core, tx, { actor, right, code: input.code }));
  if (until === null) throw wrong(staff);
  return { steppedUpUntil: until.toISOString() };
}

function requireItsFactors(staff: StaffRow, { password, code }: StaffStepUpInput): void {
  const factors = factorsOf(staff);
  if (factors.length === 0) {
    throw preconditionFailed(
      'This account has neither password nor authenticator: sign in with a fresh link ("echoctl staff link")',
    );
  }
  const given = { password: password !== undefined, totp: code !== undefined };
  const isExact = (["password", "totp"] as const).every((factor) => given[factor] === factors.includes(factor));
  const words = { password: "password", totp: "code" };
  if (!isExact)
    throw badRequest(`This account is confirmed by its ${factors.map((each) => words[each]).join(" and ")}`);
}

/** Null for an account without one. */
async function provePassword(
  core: Core,
  actor: StaffActor,
  { staff, password }: { staff: StaffRow; password: string | undefined },
): Promise<RightPassword | null> {
  if (password === undefined || staff.emailNormalized === null) return null;
  const typed = { address: staff.emailNormalized, password, staff, isSignedIn: true };
  const right = await judgePassword(core, actor, typed);
  if (right === null) throw wrong(staff);
  return right;
}

interface Proof {
  actor: StaffActor;
  right: RightPassword | null;
  code: string | undefined;
}

/** Null for a wrong code, which counts, and that commits although the call fails. */
async function stepUp(core: Core, tx: Tx, { actor, right, code }: Proof): Promise<Date | null> {
  const now = core.clock.now();
  const staff = await lockStaff(tx, actor.staffId);
  if (staff === null || staff.disabledAt !== null) throw notSignedIn();
  if (staff.passwordHash !== (right?.stored ?? null)) return null;
  if (code !== undefined && !(await judgeCode(core, tx, { staff, code }))) return null;
  if (!(await stepUpStaffSession(tx, actor.sessionId, now))) throw notSignedIn();
  if (right !== null) await refundAttempt(tx, right.attemptId);
  const subject = { type: "staff_session", id: actor.sessionId };
  await appendAudit(core, tx, { act: "staff.step_up", staffId: staff.id, caller: actor, subject });
  return steppedUpUntil(core, now);
}

/** Which of two it was is nobody's business who took over a session. */
const wrong = (staff: StaffRow) => {
  const [first, second] = factorsOf(staff);
  if (second !== undefined) return unauthorized("Wrong password or code");
  return unauthorized(first === "totp" ? "Wrong code" : "Wrong password");
};
