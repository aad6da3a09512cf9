import type { StaffTotpEnrollment } from "@echo/contracts";
import { conflict } from "@echo/platform";
import type { Core } from "../core.ts";
import { notSignedIn, type StaffActor } from "./authenticate-staff.ts";
import { requireStaffStepUp } from "./policy.ts";
import { lockStaff, updateTotp } from "./repository/staff.ts";
import { createTotpSecret, sealTotpSecret, toEnrollment } from "./totp.ts";

/**
 * A secret for an authenticator, of use once confirmStaffTotp got a code of it; a second one replaces the first.
 * @throws EchoError STEP_UP_REQUIRED, CONFLICT (TOTP is on)
 */
export async function enrollStaffTotp(core: Core, actor: StaffActor): Promise<StaffTotpEnrollment> {
  requireStaffStepUp(core, actor);
  const secret = createTotpSecret();
  return core.db.transaction(async (tx) => {
    const staff = await lockStaff(tx, actor.staffId);
    if (staff === null) throw notSignedIn();
    if (staff.totpEnabledAt !== null) throw conflict("This account has an authenticator already");
    const sealed = sealTotpSecret(core, staff.id, secret);
    await updateTotp(tx, { staffId: staff.id, secret: sealed, enabledAt: null, lastStep: null });
    return toEnrollment(secret, staff.email ?? staff.name);
  });
}
