import type { StaffRole } from "@echo/contracts";
import { unauthorized } from "@echo/platform";
import { hashToken } from "../auth/index.ts";
import type { Caller, Core } from "../core.ts";
import { findLiveSessionByToken, touchStaffSession } from "./repository/sessions.ts";
import { liveness, touchEveryMs } from "./session.ts";

/** A member of staff, by a live session of the console. */
export interface StaffActor extends Caller {
  staffId: string;
  sessionId: string;
  role: StaffRole;
  /** When every factor was last proven. */
  steppedUpAt: Date | null;
}

/**
 * Who calls, by the token of the console's cookie; the call moves the session's idle end. Read from the database each
 * time: whoever was signed out or disabled is out with the next call.
 * @throws EchoError UNAUTHORIZED
 */
export async function authenticateStaff(core: Core, caller: Caller, token: string): Promise<StaffActor> {
  const alive = liveness(core);
  const session = await findLiveSessionByToken(core.db, hashToken(token), alive);
  if (session === null) throw notSignedIn();
  const sinceSeenMs = alive.now.getTime() - session.lastSeenAt.getTime();
  if (sinceSeenMs >= touchEveryMs(core)) await touchStaffSession(core.db, session.id, alive.now);
  const { id: sessionId, staffId, role, steppedUpAt } = session;
  return { ip: caller.ip, requestId: caller.requestId, staffId, sessionId, role, steppedUpAt };
}

export const notSignedIn = () => unauthorized("Nobody is signed in to the console here; sign in again");
