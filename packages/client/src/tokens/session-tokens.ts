import type { AuthResult, StepUpResult } from "@echo/contracts";
import { errorCode } from "../errors.ts";
import { lifeOf, readClaims } from "./access-token.ts";
import type { Storage } from "./storage.ts";
import type { Token, TokenSource } from "./token-source.ts";

const sessionKey = "echo.session";
const deviceKey = "echo.device";

interface StoredSession extends Token {
  refreshToken: string;
  /** By this client's clock: the access token holds until then. */
  endsAt: number;
}

/** The tokens of a signed-in person, kept in storage that other tabs may share. */
export interface SessionTokens extends TokenSource {
  keep(result: AuthResult | StepUpResult): Promise<void>;
  clear(): Promise<void>;
  /** Of the last sign-in on this device; it outlives the session. */
  deviceToken(): Promise<string | null>;
}

interface SessionTokensOptions {
  storage: Storage;
  refresh(refreshToken: string): Promise<AuthResult>;
  /** Runs one at a time among all who share the storage. */
  lock<T>(work: () => Promise<T>): Promise<T>;
  /** The server ended the session. */
  onEnded(): void;
  now?: () => number;
}

export function createSessionTokens(options: SessionTokensOptions): SessionTokens {
  const { storage, now = Date.now } = options;
  let flight: Promise<StoredSession | null> | null = null;

  async function keep(result: AuthResult | StepUpResult): Promise<void> {
    if ("deviceToken" in result) await storage.set(deviceKey, result.deviceToken);
    const refreshToken = "refreshToken" in result ? result.refreshToken : (await read(storage))?.refreshToken;
    if (refreshToken === undefined) return;
    const { accessToken, expiresAt } = result;
    const { userId, lifetimeMs } = readClaims(accessToken);
    const life = lifeOf(lifetimeMs ?? Date.parse(expiresAt) - now(), now());
    const session: StoredSession = { accessToken, refreshToken, userId, ...life };
    await storage.set(sessionKey, JSON.stringify(session));
  }

  const clear = async () => void (await storage.delete(sessionKey));

  /** Whether nobody signed out or in since: what a refresh answers is then still of use. */
  const isStill = async ({ refreshToken }: StoredSession) => (await read(storage))?.refreshToken === refreshToken;

  async function exchange(session: StoredSession): Promise<void> {
    try {
      const result = await options.refresh(session.refreshToken);
      if (await isStill(session)) await keep(result);
    } catch (error) {
      if (errorCode(error) !== "UNAUTHORIZED") throw error;
      if (!(await isStill(session))) return;
      await clear();
      options.onEnded();
    }
  }

  /** Reads first: another tab may have done it while this one waited for the lock. */
  async function refreshUnder(refused: string): Promise<StoredSession | null> {
    const session = await read(storage);
    if (!session || (session.accessToken !== refused && now() < session.staleAt)) return session;
    await exchange(session);
    return read(storage);
  }

  function renew(refused: string): Promise<StoredSession | null> {
    flight ??= options
      .lock(() => refreshUnder(refused))
      .finally(() => {
        flight = null;
      });
    return flight;
  }

  async function current(): Promise<Token | null> {
    const session = await read(storage);
    if (!session || now() < session.staleAt) return session;
    try {
      return await renew(session.accessToken);
    } catch (error) {
      if (now() < session.endsAt) return session;
      throw error;
    }
  }

  return { current, renew, keep, clear, deviceToken: async () => (await storage.get(deviceKey)) ?? null };
}

async function read(storage: Storage): Promise<StoredSession | null> {
  const text = await storage.get(sessionKey);
  if (!text) return null;
  try {
    return JSON.parse(text) as StoredSession;
  } catch {
    return null;
  }
}
