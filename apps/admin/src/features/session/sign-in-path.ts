/** Where signing in leads when nobody asked for anything else. */
const home = "/";

/**
 * Where to go after signing in: a path of this console, whatever was given. Browsers read `//host` and `/\host` as other
 * sites, and the address of signing in itself would come round for ever.
 */
export function nextPath(given: string | null): string {
  if (given === null || !/^\/(?![/\\])/.test(given)) return home;
  const base = "https://console.invalid";
  if (!URL.canParse(given, base)) return home;
  const url = new URL(given, base);
  if (url.origin !== base || url.pathname === "/sign-in") return home;
  return url.pathname + url.search;
}

/** @param reason `ended`: somebody was signed in until now, and shall be told */
export function signInPath(from: string, reason: "ended" | null = null): string {
  const query = new URLSearchParams();
  const next = nextPath(from);
  if (next !== home) query.set("next", next);
  if (reason) query.set("reason", reason);
  return query.size === 0 ? "/sign-in" : `/sign-in?${query}`;
}
