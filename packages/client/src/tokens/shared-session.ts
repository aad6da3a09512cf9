import type { Storage } from "./storage.ts";
import { parseSession, type StoredSession, sessionIdOf } from "./stored-session.ts";
import type { TabNews, Tabs } from "./tabs.ts";

const sessionKey = "echo.session";
/** How long a tab's news may take to another one of the same machine. */
const newsMs = 250;

interface SharedSessionOptions {
  storage: Storage;
  /** How to meet the others who share the storage; null: there are none, or they cannot be told. */
  meet(hear: (news: TabNews) => void): Tabs | null;
  /** This client has a session now: somebody signed in, here or in another tab, or was found in storage. */
  onBegun(userId: string | null): void;
  /** It has none any more, or its person made room for another one in another tab. */
  onEnded(userId: string | null): void;
}

/**
 * The one session of all tabs. Storage has the last word, but a browser may show one tab's write to another one late,
 * so what a tab was told counts as well.
 */
export class SharedSession {
  readonly #options: SharedSessionOptions;
  readonly #tabs: Tabs | null;
  /** What this client believed last. */
  #known: StoredSession | null = null;
  #renewal: Extract<TabNews, { type: "renewed" }> | null = null;
  #endedId: string | null = null;
  readonly #waiters = new Set<() => void>();

  constructor(options: SharedSessionOptions) {
    this.#options = options;
    this.#tabs = options.meet((news) => this.#hear(news));
  }

  /** Null: nobody is signed in, or somebody else than before. */
  async read(): Promise<StoredSession | null> {
    const session = await this.#find();
    const known = this.#known;
    if (known && session?.userId !== known.userId) {
      this.#forget();
      return null;
    }
    this.#known = session;
    if (session && !known) this.#options.onBegun(session.userId);
    return session;
  }

  /** Somebody signed in here. */
  async begin(session: StoredSession): Promise<void> {
    this.#endedId = null;
    await this.#write(session);
    this.#tabs?.tell({ type: "begun" });
    this.#options.onBegun(session.userId);
  }

  /** The same session goes on with other tokens. */
  async renew(replaced: StoredSession, session: StoredSession): Promise<void> {
    await this.#write(session);
    this.#tabs?.tell({ type: "renewed", replaced: replaced.accessToken, session });
  }

  /** The server ended it: nobody uses it from now on. */
  end(): void {
    if (!this.#known) return;
    this.#endedId = sessionIdOf(this.#known);
    this.#tabs?.tell({ type: "ended", sessionId: this.#endedId });
    this.#forget();
  }

  /** Takes what ended out of storage; a session that began meanwhile stays. */
  async erase(): Promise<void> {
    const stored = parseSession(await this.#options.storage.get(sessionKey));
    if (stored && sessionIdOf(stored) === this.#endedId) await this.#options.storage.delete(sessionKey);
  }

  /** Waits for what another tab may have told a moment ago. */
  catchUp(): Promise<void> {
    if (!this.#tabs) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, newsMs);
      this.#waiters.add(done);
    });
  }

  close(): void {
    this.#tabs?.close();
  }

  async #find(): Promise<StoredSession | null> {
    const stored = parseSession(await this.#options.storage.get(sessionKey));
    if (!stored || sessionIdOf(stored) === this.#endedId) return null;
    return this.#renewal?.replaced === stored.accessToken ? this.#renewal.session : stored;
  }

  async #write(session: StoredSession): Promise<void> {
    await this.#options.storage.set(sessionKey, JSON.stringify(session));
    this.#known = session;
  }

  #forget(): void {
    const userId = this.#known?.userId ?? null;
    this.#known = null;
    this.#options.onEnded(userId);
  }

  #hear(news: TabNews): void {
    if (news.type === "renewed") this.#renewal = news;
    if (news.type === "begun") this.read().catch(() => undefined); // the next use reads again
    if (news.type === "ended") {
      this.#endedId = news.sessionId;
      if (this.#known && sessionIdOf(this.#known) === news.sessionId) this.#forget();
    }
    for (const done of this.#waiters) done();
  }
}
