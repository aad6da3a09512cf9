import { includesRole, type StaffRole } from "@echo/contracts";
import { forbidden, stepUpRequired } from "@echo/platform";
import type { Core } from "../core.ts";
import type { StaffActor } from "./authenticate-staff.ts";
import { steppedUpUntil } from "./session.ts";

/** Each role may what the one before may. @throws EchoError FORBIDDEN */
export function requireStaffRole(actor: StaffActor, role: StaffRole): void {
  if (!includesRole(actor.role, role)) throw forbidden(`This takes the role ${role}; yours is ${actor.role}`);
}

/** Every factor was proven within the last five minutes. @throws EchoError STEP_UP_REQUIRED */
export function requireStaffStepUp(core: Core, actor: StaffActor): void {
  if (steppedUpUntil(core, actor.steppedUpAt) === null) {
    throw stepUpRequired("Confirm who you are first (admin.stepUp, or a fresh sign-in link), then try again");
  }
}
