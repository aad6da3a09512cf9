import { setTimeout as wait } from "node:timers/promises";
import { statement, type Tx } from "@echo/db";
import { EchoError } from "../errors.ts";
import { withTimeout } from "../time/with-timeout.ts";
import type { ConsumeOptions, QueueRecord } from "./queue.ts";

export const maxAttempts = 5;
const firstPauseMs = 50;
/** PostgreSQL ends a transaction that is idle for 10 s: a handler that thinks for longer must not look idle. */
const keepAliveMs = 500;
/** Less than the 30 s after which PostgreSQL ends any transaction. */
const defaultMaxHandleMs = 20_000;

const savepoint = statement<never>("queue_savepoint", "SAVEPOINT handling");
const release = statement<never>("queue_release", "RELEASE SAVEPOINT handling");
const rollBack = statement<never>("queue_roll_back", "ROLLBACK TO SAVEPOINT handling");
const nothing = statement<never>("queue_keep_alive", "SELECT 1");

type Handling = Pick<ConsumeOptions, "handle" | "maxHandleMs">;

const hangs = "The handler did not end in its time";

/** What it may still be doing must not be committed. */
const isHanging = (error: unknown): boolean => error instanceof EchoError && error.message === hangs;

export interface Delivered {
  /** So many records, from the first one on, are done with. */
  count: number;
  /** The last of those could not be handled. */
  failure: { record: QueueRecord; error: unknown } | null;
}

/**
 * Has records handled, all at once; when that fails, one by one, until one fails for good.
 * @throws what the transaction itself fails with: then nothing was handled
 */
export async function deliver(tx: Tx, records: readonly QueueRecord[], handling: Handling): Promise<Delivered> {
  if ((await attempt(tx, records, handling)) === null) return { count: records.length, failure: null };
  for (const [index, record] of records.entries()) {
    const fault = await attemptOften(tx, record, handling);
    if (fault !== null) return { count: index + 1, failure: { record, error: fault.error } };
  }
  return { count: records.length, failure: null };
}

async function attemptOften(tx: Tx, record: QueueRecord, handling: Handling): Promise<{ error: unknown } | null> {
  for (let attempts = 1; ; attempts += 1) {
    const fault = await attempt(tx, [record], handling);
    if (fault === null || attempts === maxAttempts) return fault;
    await wait(firstPauseMs * 2 ** (attempts - 1));
  }
}

/** Null when it went well; otherwise nothing of it is left. @throws when the transaction cannot go on */
export async function attempt(
  tx: Tx,
  records: readonly QueueRecord[],
  { handle, maxHandleMs = defaultMaxHandleMs }: Handling,
): Promise<{ error: unknown } | null> {
  await tx.query(savepoint);
  const stop = keepAlive(tx);
  try {
    await withTimeout(handle(tx, records), maxHandleMs, hangs);
  } catch (error) {
    if (isHanging(error)) throw error;
    await tx.query(rollBack);
    return { error };
  } finally {
    stop();
  }
  await tx.query(release);
  return null;
}

/** Answers how to stop it. */
function keepAlive(tx: Tx): () => void {
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    const done = () => {
      isAsking = false;
    };
    tx.query(nothing).then(done, done);
  }, keepAliveMs);
  return () => clearInterval(timer);
}
