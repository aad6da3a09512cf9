import type { Empty, StaffTotpCodeInput } from "@echo/contracts";
import { preconditionFailed, unauthorized } from "@echo/platform";
import type { Core } from "../core.ts";
import { appendAudit } from "./audit/append-audit.ts";
import { notSignedIn, type StaffActor } from "./authenticate-staff.ts";
import { judgeCode } from "./judge-code.ts";
import { requireStaffStepUp } from "./policy.ts";
import { lockStaff, updateTotp } from "./repository/staff.ts";

/**
 * Turns TOTP off, by a code of it. An account with a password keeps it: a password is never the only factor.
 * @throws EchoError STEP_UP_REQUIRED, PRECONDITION_FAILED (TOTP is off, or must stay), UNAUTHORIZED (wrong code),
 * TOO_MANY_REQUESTS `secondFactor`
 */
export async function disableStaffTotp(core: Core, actor: StaffActor, { code }: StaffTotpCodeInput): Promise<Empty> {
  requireStaffStepUp(core, actor);
  const isRight = await core.db.transaction(async (tx) => {
    const staff = await lockStaff(tx, actor.staffId);
    if (staff === null) throw notSignedIn();
    if (staff.totpEnabledAt === null) throw preconditionFailed("This account has no authenticator");
    if (staff.passwordHash !== null) {
      throw preconditionFailed("An account that signs in with a password keeps its authenticator");
    }
    if (!(await judgeCode(core, tx, { staff, code }))) return false;
    await updateTotp(tx, { staffId: staff.id, secret: null, enabledAt: null, lastStep: null });
    const subject = { type: "staff", id: staff.id };
    await appendAudit(core, tx, { act: "staff.totp_off", staffId: staff.id, caller: actor, subject });
    return true;
  });
  if (!isRight) throw unauthorized("Wrong code");
  return {};
}
