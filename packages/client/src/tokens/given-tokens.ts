import { lifeOf, readClaims } from "./access-token.ts";
import type { Token, TokenSource } from "./token-source.ts";

/** An access token, or what fetches one from the application's own server. */
export type GivenToken = string | (() => string | Promise<string>);

/** Tokens that the application brings: a string is used as long as it holds, a function is asked again in time. */
export function createGivenTokens(given: GivenToken, now: () => number = Date.now): TokenSource {
  let flight: Promise<Token> | null = null;
  let token: Token | null = null;

  async function fetchToken(): Promise<Token> {
    const accessToken = typeof given === "string" ? given : await given();
    const { userId, lifetimeMs } = readClaims(accessToken);
    const endless = typeof given === "string" || lifetimeMs === null;
    token = { accessToken, userId, staleAt: endless ? Number.POSITIVE_INFINITY : lifeOf(lifetimeMs, now()).staleAt };
    return token;
  }

  function fetchOnce(): Promise<Token> {
    flight ??= fetchToken().finally(() => {
      flight = null;
    });
    return flight;
  }

  return {
    current: async () => (token && now() < token.staleAt ? token : fetchOnce()),
    async renew(refused) {
      if (token && token.accessToken !== refused) return token;
      const fetched = await fetchOnce();
      return fetched.accessToken === refused ? null : fetched;
    },
    userId: async () => token?.userId ?? null,
  };
}
