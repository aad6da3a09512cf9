import { setTimeout as wait } from "node:timers/promises";

/** Waits so long, or until it is called off. Never rejects. */
export async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
