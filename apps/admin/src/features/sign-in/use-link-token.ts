"use client";

import { useEffect, useState } from "react";

/** `reading` until the address was looked at, which only the browser can: a fragment never reaches a server. */
type LinkToken = { isRead: false } | { isRead: true; token: string | null };

/** The one-time token of `/sign-in#token=`, which is out of the address bar and the history before anything else. */
export function useLinkToken(): LinkToken {
  const [state, setState] = useState<LinkToken>({ isRead: false });
  useEffect(() => {
    const take = (): void => {
      const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
      if (token !== null)
        window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
      setState((before) => (before.isRead && token === null ? before : { isRead: true, token }));
    };
    take();
    // A link that is opened in a tab that is here already changes the fragment alone.
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  return state;
}
