import type { EventLog } from "../event-log/index.ts";

/** Of one process; whoever comes on top is answered at once and asks again. */
const maxWaiting = 1_000;
/** Those who wait look together, at most so often: each look is a query. */
const gatherMs = 50;

const waitingOn = new WeakMap<EventLog, number>();

/** Resolves true when the log went on, false when the time is over, the caller is gone, or too many wait. */
export function nextAdvance(
  events: EventLog,
  { ms, signal }: { ms: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const waiting = waitingOn.get(events) ?? 0;
  if (ms <= 0 || waiting >= maxWaiting || signal?.aborted) return Promise.resolve(false);
  waitingOn.set(events, waiting + 1);
  return new Promise((resolve) => {
    const end = (isNew: boolean) => {
      clearTimeout(timer);
      stop();
      signal?.removeEventListener("abort", leave);
      waitingOn.set(events, (waitingOn.get(events) ?? 1) - 1);
      resolve(isNew);
    };
    const leave = () => end(false);
    let timer = setTimeout(leave, ms);
    const stop = events.onAdvance(() => {
      stop();
      clearTimeout(timer);
      timer = setTimeout(() => end(true), gatherMs);
    });
    signal?.addEventListener("abort", leave);
  });
}
