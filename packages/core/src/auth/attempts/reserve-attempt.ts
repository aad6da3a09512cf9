import type { Queryable } from "@echo/db";
import { ipKey, tooManyRequests } from "@echo/platform";
import type { Core } from "../../core.ts";
import { dayMs, hourMs, minuteMs, most, shutMsAfter, subjectOf } from "./figures.ts";
import {
  type AttemptScope,
  countSignInFailures,
  insertAttempt,
  lockAttempts,
  removeAttempt,
  type SignInCounts,
} from "./repository.ts";

/** Somebody is about to try a password. */
export interface SignInAttempt {
  scope: AttemptScope;
  /** Normalised, as it was typed: counted whether or not it has an account. */
  address: string;
  ip: string;
}

/**
 * Counts the attempt as a failure before anything is hashed, so that attempts at once can't pass a limit together; it is
 * taken back with refundAttempt when the sign-in is complete, or was not judged. Answers the reservation; null: the
 * address is shut here, so the attempt is neither judged nor counted, and answered as a wrong password after one dummy
 * verification.
 * @throws EchoError TOO_MANY_REQUESTS `signIn`
 */
export function reserveAttempt(core: Core, attempt: SignInAttempt): Promise<string | null> {
  const { scope } = attempt;
  const network = ipKey(attempt.ip);
  const subject = subjectOf(core, attempt.address);
  return core.db.transaction(async (tx) => {
    await lockAttempts(tx, [`${scope}/network/${network}`, `${scope}/address/${Buffer.from(subject).toString("hex")}`]);
    const now = core.clock.now();
    const dayAgo = before(now, dayMs);
    const counts = await countSignInFailures(tx, {
      scope,
      subject,
      network,
      minuteAgo: before(now, minuteMs),
      hourAgo: before(now, hourMs),
      dayAgo,
      most,
    });
    refuseNetwork(counts, now);
    if (isShut(counts, now)) return null;
    const id = core.ids.uuid();
    await insertAttempt(tx, { id, scope, kind: "sign_in", subject, network, at: now }, dayAgo);
    return id;
  });
}

/** Takes a reservation back. */
export const refundAttempt = (db: Queryable, id: string): Promise<void> => removeAttempt(db, id);

function refuseNetwork({ networkFull, addressesFull }: SignInCounts, now: Date): void {
  const waits = [untilOut(networkFull, minuteMs, now), untilOut(addressesFull, hourMs, now)];
  const retryAfterMs = Math.max(...waits);
  if (retryAfterMs > 0) throw tooManyRequests("signIn", retryAfterMs);
}

/** 0 while there is room. */
const untilOut = (full: Date | null, windowMs: number, now: Date): number =>
  full === null ? 0 : Math.max(full.getTime() + windowMs - now.getTime(), 1);

function isShut({ addressFull, failures, lastFailureAt }: SignInCounts, now: Date): boolean {
  const shutUntilMs = (lastFailureAt?.getTime() ?? 0) + shutMsAfter(failures);
  return addressFull !== null || now.getTime() < shutUntilMs;
}

const before = (now: Date, ms: number): Date => new Date(now.getTime() - ms);
