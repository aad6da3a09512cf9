/** What an access token says, verified. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  gen: number;
  authTime: Date;
  expiresAt: Date;
}

/** Signs and verifies access tokens (EdDSA, at+jwt). */
export interface Keys {
  sign(claims: Omit<AccessClaims, "expiresAt">, now: Date): Promise<{ accessToken: string; expiresAt: Date }>;
  /** @throws EchoError UNAUTHORIZED; UNAVAILABLE when no key can be read */
  verify(accessToken: string, audience: Audience): Promise<AccessClaims>;
  /** The public keys that verify now. */
  jwks(): Promise<{ keys: Record<string, unknown>[] }>;
}

export type Audience = "echo:api" | "echo:realtime";

export interface HashRequest {
  ip: string;
  /** Such requests go first, and places are kept for them. */
  hasDeviceToken: boolean;
}

/** Argon2id behind a capped queue. Every call may throw TOO_MANY_REQUESTS `hashing`. */
export interface Passwords {
  hash(password: string, request: HashRequest): Promise<string>;
  /** `stored` null costs the same as a real one and answers false: nobody learns who has an account. */
  verify(
    password: string,
    stored: string | null,
    request: HashRequest,
  ): Promise<{ matches: boolean; needsRehash: boolean }>;
}

/** The world outside that a test may replace. */
export interface Ports {
  keys: Keys;
  passwords: Passwords;
}
