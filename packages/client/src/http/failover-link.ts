import { backoffMs } from "../backoff.ts";
import { errorCode } from "../errors.ts";
import { pause } from "../pause.ts";
import type { UrlList } from "../url-list.ts";
import { asyncLink } from "./async-link.ts";

/** What would be done twice when only its answer was lost. */
const unrepeatable = new Set(["auth.register", "auth.login", "auth.secondFactor", "conversations.create"]);

/** Repeats a call that got no answer, at each of the addresses and once more. */
export function failoverLink(urls: UrlList) {
  return asyncLink(async (op, call) => {
    let left = unrepeatable.has(op.path) ? 0 : urls.size;
    const mayRepeat = (error: unknown) => left > 0 && !op.signal?.aborted && isUnanswered(error);
    for (;;) {
      try {
        return await call(op);
      } catch (error) {
        if (!mayRepeat(error)) throw error;
      }
      left -= 1;
      // At once where nobody was asked yet; the last try gives the first address a moment.
      if (left === 0) await pause(backoffMs(0));
    }
  });
}

function isUnanswered(error: unknown): boolean {
  const code = errorCode(error);
  return code === "NETWORK" || code === "UNAVAILABLE";
}
