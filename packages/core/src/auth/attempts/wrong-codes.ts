import type { Tx } from "@echo/db";
import { tooManyRequests } from "@echo/platform";
import type { Core } from "../../core.ts";
import { dayMs, hourMs, most, subjectOf } from "./figures.ts";
import { type AttemptScope, findWrongCodesFull, insertAttempt } from "./repository.ts";

/** Whose codes; the caller holds the lock of the account's row. */
export interface CodeOwner {
  scope: AttemptScope;
  accountId: string;
}

/**
 * Before a code is judged: ten wrong ones an hour, over all challenges and doors.
 * @throws EchoError TOO_MANY_REQUESTS `secondFactor`
 */
export async function requireCodeTriesLeft(core: Core, tx: Tx, { scope, accountId }: CodeOwner): Promise<void> {
  const now = core.clock.now().getTime();
  const since = new Date(now - hourMs);
  const subject = subjectOf(core, accountId);
  const full = await findWrongCodesFull(tx, { scope, subject, since, most: most.wrongCodes });
  if (full !== null) throw tooManyRequests("secondFactor", Math.max(full.getTime() + hourMs - now, 1));
}

/** To be committed although the call fails. */
export async function recordWrongCode(core: Core, tx: Tx, { scope, accountId }: CodeOwner): Promise<void> {
  const now = core.clock.now();
  const attempt = { id: core.ids.uuid(), scope, kind: "second_factor", network: null, at: now } as const;
  const forgottenBefore = new Date(now.getTime() - dayMs);
  await insertAttempt(tx, { ...attempt, subject: subjectOf(core, accountId) }, forgottenBefore);
}
