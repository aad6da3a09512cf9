import type { Staff, StaffFactor, StaffMe } from "@echo/contracts";
import type { Core } from "../core.ts";
import { notSignedIn, type StaffActor } from "./authenticate-staff.ts";
import { findLiveStaffSession, type StaffSessionRow } from "./repository/sessions.ts";
import { findStaff, type StaffRow } from "./repository/staff.ts";
import { idleEndOf, liveness, steppedUpUntil } from "./session.ts";

/** The caller's own account and session. @throws EchoError UNAUTHORIZED when it has ended meanwhile */
export async function staffMe(core: Core, actor: StaffActor): Promise<StaffMe> {
  const [staff, session] = await Promise.all([
    findStaff(core.db, actor.staffId),
    findLiveStaffSession(core.db, actor.sessionId, liveness(core)),
  ]);
  if (staff === null || session === null) throw notSignedIn();
  return toStaffMe(core, staff, session);
}

type SessionFacts = Pick<StaffSessionRow, "id" | "createdAt" | "lastSeenAt" | "expiresAt" | "steppedUpAt">;

export const toStaffMe = (core: Core, staff: StaffRow, session: SessionFacts): StaffMe => ({
  staff: toStaff(staff),
  factors: factorsOf(staff),
  steppedUpUntil: steppedUpUntil(core, session.steppedUpAt)?.toISOString() ?? null,
  session: {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    idleExpiresAt: idleEndOf(core, session).toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  },
});

export const toStaff = ({ id, name, email, role, isLocal }: StaffRow): Staff => ({ id, name, email, role, isLocal });

/** What this account can prove itself with. */
export function factorsOf({ passwordHash, totpEnabledAt }: StaffRow): StaffFactor[] {
  return [
    ...(passwordHash === null ? [] : ["password" as const]),
    ...(totpEnabledAt === null ? [] : ["totp" as const]),
  ];
}
