import type { EchoOptions } from "../echo.ts";
import { createGivenTokens } from "../tokens/given-tokens.ts";
import { createSessionTokens, type SessionTokens } from "../tokens/session-tokens.ts";
import { memoryStorage } from "../tokens/storage.ts";
import { tabLock } from "../tokens/tab-lock.ts";
import type { TokenSource } from "../tokens/token-source.ts";
import { createUrlList, type UrlList } from "../url-list.ts";
import { type Api, createApi } from "./api-client.ts";
import { type SessionEvents, sessionLink, tokenLink } from "./session-link.ts";

export interface Calls {
  api: Api;
  tokens: TokenSource;
  /** Forgets the session, which the server has ended. */
  forget(): Promise<void>;
}

/** Typed calls with the token of a session that they keep themselves, or of one that the application brings. */
export function createCalls(options: EchoOptions, events: SessionEvents): Calls {
  const urls = createUrlList(options.apiUrl);
  const { fetch } = options;
  if (options.token !== undefined) {
    const tokens = createGivenTokens(options.token);
    return { api: createApi({ urls, fetch, links: [tokenLink(tokens)] }), tokens, forget: async () => undefined };
  }
  const tokens = createSession(options, urls, events);
  const api = createApi({ urls, fetch, links: [sessionLink(tokens, events), tokenLink(tokens)] });
  return { api, tokens, forget: tokens.clear };
}

function createSession({ storage, fetch }: EchoOptions, urls: UrlList, events: SessionEvents): SessionTokens {
  const api = createApi({ urls, fetch, links: [] });
  return createSessionTokens({
    storage: storage ?? memoryStorage(),
    refresh: (refreshToken) => api.auth.refresh.mutate({ refreshToken }),
    // Only a storage that was given can be another tab's, too.
    lock: (work) => (storage ? tabLock("echo.session", work) : work()),
    onEnded: events.onSignedOut,
  });
}
