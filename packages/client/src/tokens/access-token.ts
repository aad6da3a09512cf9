interface Claims {
  userId: string | null;
  sessionId: string | null;
  /** Null: not told. */
  lifetimeMs: number | null;
}

/** What a token says of itself, unverified: good for timers and for telling one's own messages, for nothing else. */
export function readClaims(accessToken: string): Claims {
  try {
    const [, payload = ""] = accessToken.split(".");
    const { sub, sid, iat, exp } = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    const lifetimeMs = (exp - iat) * 1_000;
    return { userId: textOf(sub), sessionId: textOf(sid), lifetimeMs: lifetimeMs > 0 ? lifetimeMs : null };
  } catch {
    return { userId: null, sessionId: null, lifetimeMs: null };
  }
}

const textOf = (claim: unknown) => (typeof claim === "string" ? claim : null);

/** A token is renewed this long before its end, or in the last fifth of a shorter life. */
const marginMs = 60_000;

/**
 * When a token that has just been issued should be renewed and when it ends, by this client's own clock: a device whose
 * clock is wrong would take the server's times for long past.
 */
export function lifeOf(lifetimeMs: number, now: number): { staleAt: number; endsAt: number } {
  const endsAt = now + lifetimeMs;
  return { staleAt: endsAt - Math.min(marginMs, lifetimeMs / 5), endsAt };
}
