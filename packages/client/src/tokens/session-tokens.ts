import type { AuthResult, StepUpResult } from "@echo/contracts";
import { errorCode } from "../errors.ts";
import { repeatUnanswered } from "../repeat-unanswered.ts";
import type { SharedSession } from "./shared-session.ts";
import type { Storage } from "./storage.ts";
import { type StoredSession, sessionOf } from "./stored-session.ts";
import { maxLockMs } from "./tab-lock.ts";
import type { Token, TokenSource } from "./token-source.ts";

const deviceKey = "echo.device";
/** Who did not renew a token for so long after it was due was asleep, and may not know yet what others did. */
const sleptMs = 5_000;

interface SessionTokensOptions {
  session: SharedSession;
  storage: Storage;
  refresh(refreshToken: string): Promise<AuthResult>;
  /** How often a refresh that nobody answered is repeated. */
  repeats: number;
  /** Runs one at a time among all who share the storage, and says whether it had to wait. */
  lock<T>(work: (hasWaited: boolean) => Promise<T>): Promise<T>;
  now?: () => number;
}

/**
 * The tokens of a signed-in person, in storage that other tabs may share. A refresh token is used under the lock of all
 * tabs, read from storage right before, and never after others may have gone on without it: the server takes the use of
 * one that is past for theft and ends the session.
 */
export class SessionTokens implements TokenSource {
  readonly #options: SessionTokensOptions;
  readonly #now: () => number;
  readonly #openedAt: number;
  #flight: Promise<StoredSession | null> | null = null;

  constructor(options: SessionTokensOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#openedAt = this.#now();
  }

  async current(): Promise<Token | null> {
    const session = await this.#options.session.read();
    if (!session || this.#now() < session.staleAt) return session;
    try {
      return await this.renew(session.accessToken);
    } catch (error) {
      if (this.#now() < session.endsAt) return session;
      throw error;
    }
  }

  renew(refused: string): Promise<StoredSession | null> {
    this.#flight ??= this.#options
      .lock((hasWaited) => this.#renewUnder(refused, hasWaited))
      .finally(() => {
        this.#flight = null;
      });
    return this.#flight;
  }

  async userId(): Promise<string | null> {
    return (await this.#options.session.read())?.userId ?? null;
  }

  /** Keeps what a sign-in or a step-up answered. */
  async keep(result: AuthResult | StepUpResult): Promise<void> {
    const { session, storage, lock } = this.#options;
    if ("deviceToken" in result) await storage.set(deviceKey, result.deviceToken);
    await lock(async () => {
      if ("refreshToken" in result) return session.begin(sessionOf(result, result.refreshToken, this.#now()));
      const stored = await session.read();
      if (stored) await session.renew(stored, sessionOf(result, stored.refreshToken, this.#now()));
    });
  }

  /** Forgets the session, which the server has ended. */
  async clear(): Promise<void> {
    const { session, lock } = this.#options;
    session.end();
    await lock(() => session.erase());
  }

  /** Of the last sign-in on this device; it outlives the session. */
  async deviceToken(): Promise<string | null> {
    return (await this.#options.storage.get(deviceKey)) ?? null;
  }

  async #renewUnder(refused: string, hasWaited: boolean): Promise<StoredSession | null> {
    const { session, repeats } = this.#options;
    const until = this.#now() + maxLockMs;
    const stale = await session.read();
    if (!stale || !this.#isDue(stale, refused)) return stale;
    const hasSlept = this.#openedAt < stale.staleAt && stale.staleAt + sleptMs < this.#now();
    if (hasWaited || hasSlept) await session.catchUp();
    return repeatUnanswered(() => this.#exchange(refused, until), {
      repeats,
      isVain: () => this.#now() >= until,
    });
  }

  async #exchange(refused: string, until: number): Promise<StoredSession | null> {
    const { session, refresh } = this.#options;
    const used = await session.read();
    if (!used || !this.#isDue(used, refused)) return used;
    try {
      const result = await refresh(used.refreshToken);
      if (this.#now() >= until) await session.catchUp();
      if (await this.#isStill(used)) await session.renew(used, sessionOf(result, result.refreshToken, this.#now()));
    } catch (error) {
      if (errorCode(error) !== "UNAUTHORIZED") throw error;
      if (await this.#isStill(used)) {
        session.end();
        await session.erase();
      }
    }
    return session.read();
  }

  #isDue({ accessToken, staleAt }: StoredSession, refused: string): boolean {
    return accessToken === refused || this.#now() >= staleAt;
  }

  /** Whether nobody signed out or in since: what a refresh answers is then still of use. */
  async #isStill({ refreshToken }: StoredSession): Promise<boolean> {
    return (await this.#options.session.read())?.refreshToken === refreshToken;
  }
}
