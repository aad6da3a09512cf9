import type { Tx } from "@echo/db";
import { internal } from "@echo/platform";
import { recordWrongCode, requireCodeTriesLeft } from "../auth/index.ts";
import type { Core } from "../core.ts";
import { type StaffRow, updateTotp } from "./repository/staff.ts";
import { openTotpSecret, sealTotpSecret, stepOfCode } from "./totp.ts";

/**
 * Judges a code under the staff row's lock and uses its step up. False: it is wrong, or was used before, and counts: the
 * transaction must commit although the call fails.
 * @throws EchoError TOO_MANY_REQUESTS `secondFactor`
 */
export async function judgeCode(
  core: Core,
  tx: Tx,
  { staff, code }: { staff: StaffRow; code: string },
): Promise<boolean> {
  if (staff.totpSecret === null) throw internal("There is no secret to judge a code by");
  const owner = { scope: "staff", accountId: staff.id } as const;
  const now = core.clock.now();
  await requireCodeTriesLeft(core, tx, owner);
  const secret = openTotpSecret(core, staff.id, staff.totpSecret);
  const step = stepOfCode(secret, { code, now, lastStep: staff.totpLastStep });
  if (step === null) {
    await recordWrongCode(core, tx, owner);
    return false;
  }
  // Sealed anew each time: what a previous ECHO_SECRET sealed comes under the present one by being used.
  const sealed = sealTotpSecret(core, staff.id, secret);
  await updateTotp(tx, { staffId: staff.id, secret: sealed, enabledAt: staff.totpEnabledAt ?? now, lastStep: step });
  return true;
}
