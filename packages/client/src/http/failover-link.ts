import type { Operation } from "@trpc/client";
import { backoffMs } from "../backoff.ts";
import { errorCode } from "../errors.ts";
import { pause } from "../pause.ts";
import type { UrlList } from "../url-list.ts";
import { type Answer, asyncLink, type Call } from "./async-link.ts";

/** What would be done twice when only its answer was lost. */
const unrepeatable = new Set(["auth.register", "auth.login", "auth.secondFactor", "conversations.create"]);

/** Repeats a call that got no answer, at each of the addresses and once more. */
export function failoverLink(urls: UrlList) {
  return asyncLink((op, call) => attempt(op, call, unrepeatable.has(op.path) ? 0 : urls.size));
}

async function attempt(op: Operation, call: Call, repeats: number): Promise<Answer> {
  try {
    return await call(op);
  } catch (error) {
    if (repeats === 0 || op.signal?.aborted || !isUnanswered(error)) throw error;
  }
  // At once where nobody was asked yet; the last try gives the first address a moment.
  if (repeats === 1) await pause(backoffMs(0));
  return attempt(op, call, repeats - 1);
}

function isUnanswered(error: unknown): boolean {
  const code = errorCode(error);
  return code === "NETWORK" || code === "UNAVAILABLE";
}
