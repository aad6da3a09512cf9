import type { EchoOptions } from "../echo.ts";
import { createGivenTokens } from "../tokens/given-tokens.ts";
import { SessionTokens } from "../tokens/session-tokens.ts";
import { SharedSession } from "../tokens/shared-session.ts";
import { memoryStorage } from "../tokens/storage.ts";
import { tabLock } from "../tokens/tab-lock.ts";
import { openTabs } from "../tokens/tabs.ts";
import type { TokenSource } from "../tokens/token-source.ts";
import { createUrlList, type UrlList } from "../url-list.ts";
import { type Api, createApi } from "./api-client.ts";
import { sessionLink, tokenLink } from "./session-link.ts";

export interface Calls {
  api: Api;
  tokens: TokenSource;
  /** Forgets the session, which the server has ended. */
  forget(): Promise<void>;
  close(): void;
}

export interface SessionEvents {
  onSignedIn(userId: string | null): void;
  onSignedOut(userId: string | null): void;
}

/** Of the lock and the channel by which tabs of one origin share a session. */
const sharedName = "echo.session";

/** Typed calls with the token of a session that they keep themselves, or of one that the application brings. */
export function createCalls(options: EchoOptions, events: SessionEvents): Calls {
  const urls = createUrlList(options.apiUrl);
  const { fetch } = options;
  if (options.token !== undefined) {
    const tokens = createGivenTokens(options.token);
    const api = createApi({ urls, fetch, links: [tokenLink(tokens)] });
    return { api, tokens, forget: async () => undefined, close: () => undefined };
  }
  const { tokens, session } = createSession(options, urls, events);
  const api = createApi({ urls, fetch, links: [sessionLink(tokens), tokenLink(tokens)] });
  return { api, tokens, forget: () => tokens.clear(), close: () => session.close() };
}

function createSession({ storage: given, fetch }: EchoOptions, urls: UrlList, events: SessionEvents) {
  const api = createApi({ urls, fetch, links: [] });
  const storage = given ?? memoryStorage();
  const session = new SharedSession({
    storage,
    // Only a storage that was given can be another tab's, too.
    meet: (hear) => (given ? openTabs(sharedName, hear) : null),
    onBegun: events.onSignedIn,
    onEnded: events.onSignedOut,
  });
  const tokens = new SessionTokens({
    session,
    storage,
    refresh: (refreshToken) => api.auth.refresh.mutate({ refreshToken }),
    repeats: urls.size,
    lock: (work) => (given ? tabLock(sharedName, work) : work(false)),
  });
  return { tokens, session };
}
