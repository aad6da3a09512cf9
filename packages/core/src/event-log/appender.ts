import { setTimeout as wait } from "node:timers/promises";
import type { Db } from "@echo/db";
import { singleFlight } from "@echo/platform";
import type { Batch } from "./event-log.ts";
import { appendBatch } from "./repository/events.ts";
import { isOutOfPartitions } from "./repository/partitions.ts";

interface AppenderOptions {
  db: Db;
  /** Events per call of log_append at most. */
  batchEvents: number;
  /** Positions were given up to this one; once a batch. */
  onAppended(position: number, batch: Batch): void;
  /** Makes partitions, when an append found none for its positions. */
  makeRoom(): Promise<void>;
}

/** After a batch of so many the next one lets more come together for so long: an append costs the same for 1 and for 20. */
const busyEvents = 4;
const restMs = 4;

/**
 * Gives positions to what was committed: one call of log_append in flight in this process, and again when somebody asked
 * meanwhile. What it answers resolves when everything that was committed before the call has its position.
 */
export function createAppender({ db, batchEvents, onAppended, makeRoom }: AppenderOptions): () => Promise<void> {
  async function append() {
    try {
      return await appendBatch(db, batchEvents);
    } catch (error) {
      if (!isOutOfPartitions(error)) throw error;
      await makeRoom();
      return appendBatch(db, batchEvents);
    }
  }

  let restsUntilMs = 0;
  async function appendAll() {
    for (;;) {
      const { to, ...batch } = await append();
      const events = to - batch.from;
      if (events > 0) onAppended(to, batch);
      if (events >= busyEvents) restsUntilMs = performance.now() + restMs;
      if (events < batchEvents) return;
    }
  }

  return singleFlight(async () => {
    const earlyMs = restsUntilMs - performance.now();
    if (earlyMs > 0) await wait(earlyMs);
    await appendAll();
  });
}
