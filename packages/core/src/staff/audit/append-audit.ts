import type { Tx } from "@echo/db";
import { internal } from "@echo/platform";
import { ipOrNull } from "../../auth/index.ts";
import type { Caller, Core } from "../../core.ts";
import { type AuditRow, insertAuditRow, lockAuditHead } from "../repository/audit.ts";
import { openOrMakeAuditKey } from "./audit-key.ts";
import { chainKeysOf, formatHead, headHmac, rowHmac } from "./chain.ts";

export type AuditAct =
  | "staff.bootstrap"
  | "staff.link_made"
  | "staff.sign_in"
  | "staff.sign_out"
  | "staff.step_up"
  | "staff.totp_on"
  | "staff.totp_off";

export interface AuditEntry {
  act: AuditAct;
  /** Who did it; null for whoever runs echoctl on the machine. */
  staffId: string | null;
  /** Whose request it was. An address that is none, as that of echoctl, is left out. */
  caller: Caller;
  /** What it was done to. */
  subject?: { type: string; id: string };
  /** As the person gave it. */
  reason?: string;
  /** JSON; never a secret. */
  data?: Record<string, unknown>;
}

/**
 * Appends an act to the audit log within the act's own transaction: both happen or neither. Locks the head until the
 * commit, so it comes last in `tx`; the new head is logged after the commit.
 * @throws EchoError INTERNAL when the audit key belongs to another ECHO_SECRET, or the head is gone
 */
export async function appendAudit(core: Core, tx: Tx, entry: AuditEntry): Promise<void> {
  const head = await lockAuditHead(tx, { data: entry.data ?? {}, ip: ipOrNull(entry.caller) });
  if (head === null) throw internal("The head of the audit log is gone: nothing can be audited");
  const { auditKey, sealedKey } = openOrMakeAuditKey(core, head.auditKey);
  const keys = chainKeysOf(auditKey);
  const count = head.count + 1;
  const row: Omit<AuditRow, "hmac"> = {
    id: core.ids.uuid(),
    seq: String(count),
    at: String(core.clock.now().getTime()),
    staffId: entry.staffId,
    act: entry.act,
    subjectType: entry.subject?.type ?? null,
    subjectId: entry.subject?.id ?? null,
    reason: entry.reason ?? null,
    data: head.data,
    requestId: entry.caller.requestId,
    ip: head.ip,
  };
  // Upon the head as it stands: if somebody forged it, the chain breaks here, and this act does not mend it.
  const hmac = rowHmac(keys, row, head.hmac);
  const newHead = headHmac(keys, count, hmac);
  await insertAuditRow(tx, { ...row, hmac }, { hmac: newHead, auditKey: sealedKey });
  tx.afterCommit(() => core.logger.info("audit head", { act: entry.act, head: formatHead(count, newHead) }));
}
