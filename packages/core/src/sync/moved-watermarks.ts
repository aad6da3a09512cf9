import type { EphemeralEvent } from "@echo/contracts";
import type { Core } from "../core.ts";
import { receiptIntervalMs } from "../messages/index.ts";
import { loadMemberships } from "./load-memberships.ts";
import { listMoved } from "./repository.ts";

type ReceiptUpdated = Extract<EphemeralEvent, { type: "receipt.updated" }>;

/** Marks are timed before their commit, and a process's clock may differ from another's. */
const marginSeconds = 5;

/**
 * Receipts are not in the log: one for each watermark that moved since the client was at this position, in the
 * conversations of which this person is a member and whose receipts are told at all.
 */
export async function movedWatermarks(core: Core, userId: string, position: number): Promise<ReceiptUpdated[]> {
  const memberships = await loadMemberships(core, userId);
  const told = memberships.filter(
    (membership) => membership.spans.at(-1)?.to === null && receiptIntervalMs(membership) !== null,
  );
  if (told.length === 0) return [];
  const ids = told.map(({ conversationId }) => conversationId);
  const rows = await listMoved(core.db, ids, { position, marginSeconds });
  return rows.map(({ movedAt, ...data }) => ({ type: "receipt.updated", at: movedAt.toISOString(), data }));
}
