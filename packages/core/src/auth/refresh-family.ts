import { createHash, createHmac, randomBytes } from "node:crypto";

/** Secret of one session's refresh tokens; encrypted at rest. */
export const createFamilyKey = (): Buffer => randomBytes(32);

/**
 * The one token that follows another: it can be given again to a client that lost the answer, without being stored.
 * RFC 9700, 4.14.2 asks for rotation; its reuse detection is `judgeRefresh`.
 */
export const successorOf = (familyKey: Uint8Array, refreshToken: string): string =>
  createHmac("sha256", familyKey).update(refreshToken).digest("base64url");

/** The device token that belongs to the session, for the same reason; ":" is in no refresh token. */
export const deviceTokenOf = (familyKey: Uint8Array): string => successorOf(familyKey, "echo:device");

/** What is stored of a token: 256 random bits need no slow hash. */
export const hashToken = (token: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash("sha256").update(token).digest());

/** What the row of a presented token and its session say, read under the session's lock. */
export interface PresentedToken {
  gen: number;
  firstUsedAt: Date | null;
  expiresAt: Date;
  /** Of the family's newest token. */
  newestGen: number;
  /** The highest gen that anybody used: by an access token, or by the refresh token itself. */
  usedGen: number;
}

/** rotate: make its successor. repeat: give the same successor again. reuse: somebody else has it too. */
export type RefreshVerdict = "rotate" | "repeat" | "reuse" | "expired";

export function judgeRefresh(token: PresentedToken, now: Date, graceMs: number): RefreshVerdict {
  if (token.gen < token.newestGen && !isForgiven(token, now, graceMs)) return "reuse";
  if (token.expiresAt <= now) return "expired";
  return token.gen === token.newestGen ? "rotate" : "repeat";
}

/** A lost answer or a sleeping laptop: the immediate predecessor, just now, or while nothing that its successor brought was used. */
function isForgiven(token: PresentedToken, now: Date, graceMs: number): boolean {
  if (token.gen !== token.newestGen - 1) return false;
  const sinceFirstUseMs = token.firstUsedAt === null ? 0 : now.getTime() - token.firstUsedAt.getTime();
  return sinceFirstUseMs <= graceMs || token.usedGen < token.newestGen;
}
