import { stepUpRequired } from "@echo/platform";
import type { Actor, Core } from "../core.ts";

/** What ends other people's access, or one's own elsewhere, wants a password proven lately. @throws EchoError STEP_UP_REQUIRED */
export function requireStepUp({ clock, config }: Core, { authTime }: Actor): void {
  if (clock.now().getTime() - authTime.getTime() <= config.lifetimes.stepUpMs) return;
  throw stepUpRequired("Confirm your password first (auth.stepUp), then try again");
}
