import { repeatUnanswered } from "../repeat-unanswered.ts";
import type { UrlList } from "../url-list.ts";
import { asyncLink } from "./async-link.ts";

/** What would be done twice when only its answer was lost; a refresh is repeated by whoever holds its lock. */
const unrepeatable = new Set([
  "auth.register",
  "auth.login",
  "auth.secondFactor",
  "auth.refresh",
  "conversations.create",
]);

/** Repeats a call that got no answer, at each of the addresses and once more. */
export function failoverLink(urls: UrlList) {
  return asyncLink((op, call) =>
    repeatUnanswered(() => call(op), {
      repeats: unrepeatable.has(op.path) ? 0 : urls.size,
      isVain: () => op.signal?.aborted ?? false,
    }),
  );
}
