import { Secret, TOTP } from "otpauth";
import type { Caller, Core } from "../core.ts";
import { bootstrapStaff } from "./bootstrap-staff.ts";
import { makeSignInLink } from "./make-sign-in-link.ts";
import type { OpenedStaffSession } from "./open-staff-session.ts";
import { signInByLink } from "./sign-in-by-link.ts";

// What tests of this slice share.

export const caller: Caller = { ip: "192.0.2.7", requestId: "test" };
export const password = "a pass phrase of the staff";
export const grace = { email: "grace@example.test", name: "Grace", password, requestId: "echoctl" };
export const refusedPassword = { code: "UNAUTHORIZED", message: "Wrong e-mail or password" };

export async function signInLocalAdmin(core: Core): Promise<OpenedStaffSession> {
  return signInByLink(core, caller, await makeSignInLink(core, { requestId: "echoctl" }));
}

/** Grace, and what her authenticator shows at the clock's time, some steps from it. */
export async function bootstrapGrace(core: Core): Promise<{ codeAt: (steps?: number) => string }> {
  const { secret } = await bootstrapStaff(core, grace);
  return { codeAt: authenticatorOf(core, secret) };
}

export function authenticatorOf({ clock }: Core, secret: string): (steps?: number) => string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return (steps = 0) => totp.generate({ timestamp: clock.now().getTime() + steps * 30_000 });
}

/** Six digits that are none of the codes. */
export function wrongCode(codeAt: (steps?: number) => string): string {
  const near = new Set([-2, -1, 0, 1, 2].map(codeAt));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.has(code)) ?? "";
}
