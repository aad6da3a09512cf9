import { signInPath } from "./sign-in-path.ts";

let isLeaving = false;

/**
 * To the sign-in page by a full load, which leaves nothing of what was read in memory. However many calls find the
 * session ended at once, one leads there.
 */
export function leaveToSignIn(reason: "ended" | null): void {
  const { location } = window;
  if (isLeaving || location.pathname === "/sign-in") return;
  isLeaving = true;
  location.replace(signInPath(location.pathname + location.search, reason));
}

/** After signing out, which nobody needs to be told about. */
export function leaveSignedOut(): void {
  isLeaving = true;
  window.location.replace("/sign-in");
}
