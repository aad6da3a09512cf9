import type { SignInLinkInput } from "@echo/contracts";
import { unauthorized } from "@echo/platform";
import { hashToken } from "../auth/index.ts";
import type { Core } from "../core.ts";
import { type OpenedStaffSession, openStaffSession, type StaffCaller } from "./open-staff-session.ts";
import { consumeLinkToken } from "./repository/staff.ts";

/**
 * Signs the local admin in by a link that is used up with it; of many at once one wins.
 * @throws EchoError UNAUTHORIZED
 */
export function signInByLink(core: Core, caller: StaffCaller, { token }: SignInLinkInput): Promise<OpenedStaffSession> {
  return core.db.transaction(async (tx) => {
    const staff = await consumeLinkToken(tx, hashToken(token), core.clock.now());
    if (staff === null) throw refused();
    return openStaffSession(core, tx, { staff, caller, method: "link" });
  });
}

const refused = () =>
  unauthorized(
    'This link was used, is older than 15 minutes, or was replaced by a fresh one; "echoctl staff link" prints another',
  );
