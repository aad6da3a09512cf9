import type { EphemeralEvent } from "@echo/contracts";
import { batched } from "../batcher.ts";
import type { Core } from "../core.ts";
import type { Membership } from "../membership/index.ts";
import { receiptIntervalMs } from "../messages/index.ts";
import { listMoved, type MovedRow } from "./repository.ts";

type ReceiptUpdated = Extract<EphemeralEvent, { type: "receipt.updated" }>;

/** Marks are timed before their commit, and a process's clock may differ from another's. */
const marginSeconds = 5;
/** People whose watermarks are read in one statement. */
const maxPeople = 64;

interface Asked {
  conversationIds: readonly string[];
  position: number;
}
const readMoved = batched({ maxBatch: maxPeople }, load);

/**
 * Receipts are not in the log: one for each watermark that moved since the client was at this position, in the
 * conversations of which he is a member by these memberships and whose receipts are told at all.
 */
export async function movedWatermarks(
  core: Core,
  memberships: Iterable<Membership>,
  position: number,
): Promise<ReceiptUpdated[]> {
  const conversationIds: string[] = [];
  for (const membership of memberships) {
    const isTold = membership.spans.at(-1)?.to === null && receiptIntervalMs(membership) !== null;
    if (isTold) conversationIds.push(membership.conversationId);
  }
  if (conversationIds.length === 0) return [];
  const rows = await readMoved(core, { conversationIds, position });
  return rows.map(({ movedAt, ...data }) => ({ type: "receipt.updated", at: movedAt.toISOString(), data }));
}

/** A conversation is looked through once for all who were at the same position. */
async function load(core: Core, asked: readonly Asked[]): Promise<MovedRow[][]> {
  const answers = asked.map((): MovedRow[] => []);
  const looks = new Map<string, { conversationId: string; position: number; answers: MovedRow[][] }>();
  for (const [at, { conversationIds, position }] of asked.entries()) {
    const answer = answers[at] ?? [];
    for (const conversationId of conversationIds) {
      const key = `${conversationId} ${position}`;
      const look = looks.get(key) ?? { conversationId, position, answers: [] };
      look.answers.push(answer);
      looks.set(key, look);
    }
  }
  const all = [...looks.values()];
  for (const { look, ...row } of await listMoved(core.db, all, { marginSeconds })) {
    for (const answer of all[look - 1]?.answers ?? []) answer.push(row);
  }
  return answers;
}
