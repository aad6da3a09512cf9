import type { StaffRole } from "@echo/contracts";
import { forbidden, stepUpRequired } from "@echo/platform";
import type { Core } from "../core.ts";
import type { StaffActor } from "./authenticate-staff.ts";
import { steppedUpUntil } from "./session.ts";

const ranks: Record<StaffRole, number> = { viewer: 0, support: 1, admin: 2 };

/** Each role may what the one before may. @throws EchoError FORBIDDEN */
export function requireStaffRole(actor: StaffActor, role: StaffRole): void {
  if (ranks[actor.role] < ranks[role]) throw forbidden(`This takes the role ${role}; yours is ${actor.role}`);
}

/** Every factor was proven within the last five minutes. @throws EchoError STEP_UP_REQUIRED */
export function requireStaffStepUp(core: Core, actor: StaffActor): void {
  if (steppedUpUntil(core, actor.steppedUpAt) === null) {
    throw stepUpRequired("Confirm who you are first (admin.stepUp, or a fresh sign-in link), then try again");
  }
}
