import type { Empty, StaffTotpCodeInput } from "@echo/contracts";
import { conflict, preconditionFailed, unauthorized } from "@echo/platform";
import type { Core } from "../core.ts";
import { appendAudit } from "./audit/append-audit.ts";
import { notSignedIn, type StaffActor } from "./authenticate-staff.ts";
import { judgeCode } from "./judge-code.ts";
import { requireStaffStepUp } from "./policy.ts";
import { lockStaff } from "./repository/staff.ts";

/**
 * Turns TOTP on with the first code of the enrolled secret; that code is used up.
 * @throws EchoError STEP_UP_REQUIRED, CONFLICT (TOTP is on), PRECONDITION_FAILED (nothing was enrolled), UNAUTHORIZED
 * (wrong code), TOO_MANY_REQUESTS `secondFactor`
 */
export async function confirmStaffTotp(core: Core, actor: StaffActor, { code }: StaffTotpCodeInput): Promise<Empty> {
  requireStaffStepUp(core, actor);
  const isRight = await core.db.transaction(async (tx) => {
    const staff = await lockStaff(tx, actor.staffId);
    if (staff === null) throw notSignedIn();
    if (staff.totpEnabledAt !== null) throw conflict("This account has an authenticator already");
    if (staff.totpSecret === null)
      throw preconditionFailed("There is no secret to confirm: begin with admin.totp.enroll");
    if (!(await judgeCode(core, tx, { staff, code }))) return false;
    const subject = { type: "staff", id: staff.id };
    await appendAudit(core, tx, { act: "staff.totp_on", staffId: staff.id, caller: actor, subject });
    return true;
  });
  if (!isRight) throw unauthorized("Wrong code");
  return {};
}
