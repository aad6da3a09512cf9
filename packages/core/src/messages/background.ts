import { passKillPoint } from "@echo/platform";
import type { Core } from "../core.ts";
import { type Collector, createCollector } from "./collector.ts";
import { createReceiptTeller, type ReceiptTeller, type Watermarks } from "./receipts.ts";
import { insertMarks, listAudiences, type Mark, type MarkResult } from "./repository/marks.ts";
import { createTyping, type Typing } from "./typing.ts";

/** What this slice keeps in memory for as long as a Core lives. */
interface Background {
  marks: Collector<Mark, MarkResult>;
  receipts: ReceiptTeller;
  typing: Typing;
}

const backgrounds = new WeakMap<Core, Background>();

export function backgroundOf(core: Core): Background {
  const known = backgrounds.get(core);
  if (known) return known;
  const receipts = createReceiptTeller(core);
  const marks = createCollector((batch: Mark[]) => writeMarks(core, receipts, batch), {
    everyMs: 250,
    maxItems: 2_000,
    maxWaiting: 20_000,
  });
  const background = { marks, receipts, typing: createTyping(core) };
  backgrounds.set(core, background);
  return background;
}

/** Before the process lets go of its database and bus: writes and tells what still waits. */
export async function closeMessages(core: Core): Promise<void> {
  const background = backgrounds.get(core);
  if (!background) return;
  backgrounds.delete(core);
  await background.marks.drain();
  await background.receipts.drain();
}

async function writeMarks(core: Core, receipts: ReceiptTeller, batch: Mark[]): Promise<MarkResult[]> {
  passKillPoint("receipts>write");
  const { results, audiences } = await core.db.transaction(async (tx) => {
    const results = await insertMarks(tx, batch);
    const moved = batch.filter((_, i) => results[i]?.status === "MOVED").map((mark) => mark.conversationId);
    return { results, audiences: moved.length > 0 ? await listAudiences(tx, [...new Set(moved)]) : [] };
  });
  if (audiences.length === 0) return results;
  core.events.appendSoon();
  const audienceOf = new Map(audiences.map((audience) => [audience.conversationId, audience]));
  for (const moved of movedReaders(batch, results)) {
    const audience = audienceOf.get(moved.conversationId);
    if (audience) receipts.tell(moved, audience);
  }
  return results;
}

/** Each reader whose watermarks moved, once: all marks of one in a batch have the same answer. */
function movedReaders(batch: readonly Mark[], results: readonly MarkResult[]): Iterable<Watermarks> {
  const readers = new Map<string, Watermarks>();
  for (const [i, { conversationId, userId }] of batch.entries()) {
    const { status, lastDeliveredSeq, lastReadSeq } = results[i] ?? {};
    if (status !== "MOVED" || lastDeliveredSeq == null || lastReadSeq == null) continue;
    readers.set(`${conversationId}:${userId}`, { conversationId, userId, lastDeliveredSeq, lastReadSeq });
  }
  return readers.values();
}
