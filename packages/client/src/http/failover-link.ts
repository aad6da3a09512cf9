import { repeatUnanswered } from "../repeat-unanswered.ts";
import type { UrlList } from "../url-list.ts";
import { asyncLink } from "./async-link.ts";
import { hasReachedNobody } from "./has-reached-nobody.ts";

/** What would be done twice when only its answer was lost. */
const unrepeatable = new Set(["auth.register", "auth.login", "auth.secondFactor", "conversations.create"]);
/** Repeated by whoever holds its lock. */
const refresh = "auth.refresh";

/** Repeats a call that got no answer, at each of the addresses and once more. */
export function failoverLink(urls: UrlList) {
  return asyncLink((op, call) =>
    repeatUnanswered(() => call(op), {
      repeats: op.path === refresh ? 0 : urls.size,
      isVain: (error) => (op.signal?.aborted ?? false) || (unrepeatable.has(op.path) && !hasReachedNobody(error)),
    }),
  );
}
