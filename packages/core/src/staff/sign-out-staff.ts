import type { Empty } from "@echo/contracts";
import type { Core } from "../core.ts";
import { appendAudit } from "./audit/append-audit.ts";
import type { StaffActor } from "./authenticate-staff.ts";
import { endStaffSession } from "./repository/sessions.ts";

/** Ends this session, with effect from the next call; once, however often it is asked for. */
export async function signOutStaff(core: Core, actor: StaffActor): Promise<Empty> {
  await core.db.transaction(async (tx) => {
    if (!(await endStaffSession(tx, actor.sessionId, core.clock.now()))) return;
    const subject = { type: "staff_session", id: actor.sessionId };
    await appendAudit(core, tx, { act: "staff.sign_out", staffId: actor.staffId, caller: actor, subject });
  });
  return {};
}
