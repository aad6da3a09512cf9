import type { Echo } from "../echo.ts";
import { retryAfterMs } from "../retry-after.ts";

interface Attempts<T> {
  echo: Echo;
  load(signal: AbortSignal): Promise<T>;
  /** Ends it: what comes then counts no more. */
  signal: AbortSignal;
}

/**
 * Loads once events flow (subscribe, await the ack, then list), and again as long as a failure may pass. Null once the
 * signal is aborted.
 * @throws what will not pass
 */
export async function keepTrying<T>({ echo, load, signal }: Attempts<T>): Promise<T | null> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      await connected(echo, signal);
      if (signal.aborted) break;
      const loaded = await loadOnce(load, signal);
      return signal.aborted ? null : loaded;
    } catch (error) {
      const waitMs = retryAfterMs(error, attempt);
      if (waitMs === null && !signal.aborted) throw error;
      await pause(waitMs ?? 0, signal);
    }
  }
  return null;
}

/** Under a signal of its own: who loads leaves listeners at it, and the outer one may live long. */
async function loadOnce<T>(load: Attempts<T>["load"], signal: AbortSignal): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort();
  signal.addEventListener("abort", abort);
  try {
    return await load(own.signal);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function connected(echo: Echo, signal: AbortSignal): Promise<void> {
  return untilAborted(signal, (resolve) => {
    if (echo.connection.state === "connected") resolve();
    return echo.onConnection(({ state }) => {
      if (state === "connected") resolve();
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return untilAborted(signal, (resolve) => {
    const timer = setTimeout(resolve, ms);
    return () => clearTimeout(timer);
  });
}

/** Begins something, and stops it when it is done or the signal is aborted. */
async function untilAborted(signal: AbortSignal, begin: (resolve: () => void) => () => void): Promise<void> {
  if (signal.aborted) return;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  signal.addEventListener("abort", end);
  const stop = begin(end);
  await ended;
  stop();
  signal.removeEventListener("abort", end);
}
