import { backoffMs } from "./backoff.ts";
import { errorCode } from "./errors.ts";
import { pause } from "./pause.ts";

interface Repeats {
  repeats: number;
  /** Whether another try is of no use. */
  isVain(error: unknown): boolean;
}

/** Tries again what got no answer: at once where nobody was asked yet, and a last time after a moment. */
export async function repeatUnanswered<T>(work: () => Promise<T>, { repeats, isVain }: Repeats): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (repeats === 0 || isVain(error) || !isUnanswered(error)) throw error;
    if (repeats === 1) await pause(backoffMs(0));
    if (isVain(error)) throw error; // it was a long moment
  }
  return repeatUnanswered(work, { repeats: repeats - 1, isVain });
}

function isUnanswered(error: unknown): boolean {
  const code = errorCode(error);
  return code === "NETWORK" || code === "UNAVAILABLE";
}
