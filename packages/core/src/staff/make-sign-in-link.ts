import { preconditionFailed } from "@echo/platform";
import { hashToken } from "../auth/index.ts";
import type { Core } from "../core.ts";
import { appendAudit } from "./audit/append-audit.ts";
import { upsertLinkOfLocalAdmin } from "./repository/staff.ts";

const localAdminName = "Local admin";

/**
 * A link token of the local admin, who is made when there is none; it voids the one before. For echoctl alone: who runs
 * it on the machine has the database in hand.
 * @throws EchoError PRECONDITION_FAILED (the local admin is disabled)
 */
export async function makeSignInLink(
  core: Core,
  { requestId }: { requestId: string },
): Promise<{ token: string; expiresAt: Date }> {
  const token = core.ids.token();
  const now = core.clock.now();
  const expiresAt = new Date(now.getTime() + core.config.lifetimes.staffLinkMs);
  await core.db.transaction(async (tx) => {
    const link = { id: core.ids.uuid(), name: localAdminName, tokenHash: hashToken(token), expiresAt, now };
    const staff = await upsertLinkOfLocalAdmin(tx, link);
    if (staff.disabledAt !== null) throw preconditionFailed("The local admin is disabled");
    const subject = { type: "staff", id: staff.id };
    const data = { expiresAt: expiresAt.toISOString() };
    await appendAudit(core, tx, {
      act: "staff.link_made",
      staffId: null,
      caller: { ip: "", requestId },
      subject,
      data,
    });
  });
  return { token, expiresAt };
}
