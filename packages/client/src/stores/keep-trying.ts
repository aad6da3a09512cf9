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
      const loaded = await load(signal);
      return signal.aborted ? null : loaded;
    } catch (error) {
      const waitMs = retryAfterMs(error, attempt);
      if (waitMs === null && !signal.aborted) throw error;
      await pause(waitMs ?? 0, signal);
    }
  }
  return null;
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
function untilAborted(signal: AbortSignal, begin: (resolve: () => void) => () => void): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  let stop: () => void = () => undefined;
  return new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    stop = begin(resolve);
  }).finally(() => stop());
}
