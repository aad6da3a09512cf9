import type { SignInTotpInput } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { unauthorized } from "@echo/platform";
import { hashToken, refundAttempt } from "../auth/index.ts";
import type { Core } from "../core.ts";
import { judgeCode } from "./judge-code.ts";
import { type OpenedStaffSession, openStaffSession, type StaffCaller } from "./open-staff-session.ts";
import { type ChallengeRow, countWrongCodeOfChallenge, findChallenge, useChallenge } from "./repository/challenges.ts";
import { lockStaff, type StaffRow } from "./repository/staff.ts";

/** security.md, "Second factor". */
const maxWrongCodes = 5;

type Outcome = OpenedStaffSession | "wrong code" | "over";

/**
 * Completes a sign-in that signInByPassword began.
 * @throws EchoError UNAUTHORIZED (wrong code, or the challenge is over), TOO_MANY_REQUESTS `secondFactor`
 */
export async function signInByTotp(
  core: Core,
  caller: StaffCaller,
  input: SignInTotpInput,
): Promise<OpenedStaffSession> {
  const outcome = await core.db.transaction((tx) => complete(core, tx, { ...input, caller }));
  if (outcome === "over") throw unauthorized("This sign-in is over; begin again with e-mail and password");
  if (outcome === "wrong code") throw unauthorized("Wrong code");
  return outcome;
}

/** A wrong code counts, and that commits although the call fails. */
async function complete(
  core: Core,
  tx: Tx,
  { challenge: token, code, caller }: SignInTotpInput & { caller: StaffCaller },
): Promise<Outcome> {
  const open = await lockOpenChallenge(core, tx, token);
  if (open === null) return "over";
  const { staff, challenge } = open;
  if (!(await judgeCode(core, tx, { staff, code }))) {
    await countWrongCodeOfChallenge(tx, challenge.id);
    return "wrong code";
  }
  await useChallenge(tx, challenge.id, core.clock.now());
  await refundAttempt(tx, challenge.attemptId);
  return openStaffSession(core, tx, { staff, caller, method: "password" });
}

/** With its owner locked; null when there is none that may be completed. */
async function lockOpenChallenge(
  core: Core,
  tx: Tx,
  token: string,
): Promise<{ staff: StaffRow; challenge: ChallengeRow } | null> {
  const tokenHash = hashToken(token);
  const known = await findChallenge(tx, tokenHash);
  const staff = known === null ? null : await lockStaff(tx, known.staffId);
  const challenge = await findChallenge(tx, tokenHash);
  if (staff === null || challenge === null || staff.disabledAt !== null || staff.totpEnabledAt === null) return null;
  return isOpen(challenge, core.clock.now()) ? { staff, challenge } : null;
}

const isOpen = ({ usedAt, wrongCodes, expiresAt }: ChallengeRow, now: Date): boolean =>
  usedAt === null && wrongCodes < maxWrongCodes && expiresAt > now;
