import type { AuthResult, StepUpResult } from "@echo/contracts";
import { lifeOf, readClaims } from "./access-token.ts";
import type { Token } from "./token-source.ts";

/** A session as it lies in storage. */
export interface StoredSession extends Token {
  refreshToken: string;
  /** By this client's clock: the access token holds until then. */
  endsAt: number;
}

/** What the server answered, as it is kept. */
export function sessionOf(result: AuthResult | StepUpResult, refreshToken: string, now: number): StoredSession {
  const { accessToken, expiresAt } = result;
  const { userId, lifetimeMs } = readClaims(accessToken);
  return { accessToken, refreshToken, userId, ...lifeOf(lifetimeMs ?? Date.parse(expiresAt) - now, now) };
}

/** Null: what lies there is no session. */
export function parseSession(text: string | null | undefined): StoredSession | null {
  if (!text) return null;
  try {
    const parsed: Partial<StoredSession> | null = JSON.parse(text);
    const isSession = typeof parsed?.accessToken === "string" && typeof parsed.refreshToken === "string";
    return isSession ? (parsed as StoredSession) : null;
  } catch {
    return null;
  }
}

/** The same for all tokens of one sign-in; "" when they cannot be read. */
export function sessionIdOf({ accessToken }: StoredSession): string {
  return readClaims(accessToken).sessionId ?? "";
}
