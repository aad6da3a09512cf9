import { unauthorized } from "@echo/platform";
import { type CryptoKey, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { AccessClaims, Audience } from "../ports.ts";

/** RFC 8725, 3.1: the algorithm comes from here, never from the token. */
const algorithm = "EdDSA";
/** RFC 9068, 2.1. */
const type = "at+jwt";
const audiences: readonly Audience[] = ["echo:api", "echo:realtime"];
const toleranceSeconds = 5;
const maxBytes = 4_096;
const requiredClaims = ["iss", "aud", "sub", "sid", "gen", "jti", "iat", "exp", "auth_time"];

const Payload = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  gen: z.int().min(0),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  auth_time: z.number(),
});

interface Signing {
  issuer: string;
  kid: string;
  privateKey: CryptoKey;
  jti: string;
  issuedAt: Date;
  expiresAt: Date;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1_000);

/** The claims of RFC 9068 that Echo uses, and its own sid and gen. */
export function signAccessToken(claims: Omit<AccessClaims, "expiresAt">, signing: Signing): Promise<string> {
  return new SignJWT({ sid: claims.sessionId, gen: claims.gen, auth_time: seconds(claims.authTime) })
    .setProtectedHeader({ alg: algorithm, typ: type, kid: signing.kid })
    .setIssuer(signing.issuer)
    .setAudience([...audiences])
    .setSubject(claims.userId)
    .setJti(signing.jti)
    .setIssuedAt(seconds(signing.issuedAt))
    .setExpirationTime(seconds(signing.expiresAt))
    .sign(signing.privateKey);
}

interface Verification {
  issuer: string;
  audience: Audience;
  now: Date;
  /** By the header's kid alone: jku, jwk and x5u are never looked at. */
  keyOf: JWTVerifyGetKey;
}

/** What the token says. @throws EchoError UNAUTHORIZED, with a sentence that does not help a forger */
export async function verifyAccessToken(
  accessToken: string,
  { keyOf, ...expected }: Verification,
): Promise<AccessClaims> {
  if (accessToken.length > maxBytes) throw unauthorized("The access token is too long");
  try {
    const { payload } = await jwtVerify(accessToken, keyOf, {
      algorithms: [algorithm],
      typ: type,
      issuer: expected.issuer,
      audience: expected.audience,
      currentDate: expected.now,
      clockTolerance: toleranceSeconds,
      requiredClaims,
    });
    return toClaims(Payload.parse(payload));
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw unauthorized("The access token has expired", cause);
    if (cause instanceof errors.JOSEError || cause instanceof z.ZodError) {
      throw unauthorized("The access token is not valid", cause);
    }
    throw cause;
  }
}

/** Whether a token that was verified once may still be used. */
export const isExpired = (claims: AccessClaims, now: Date): boolean =>
  claims.expiresAt.getTime() + toleranceSeconds * 1_000 <= now.getTime();

const toClaims = (payload: z.infer<typeof Payload>): AccessClaims => ({
  userId: payload.sub,
  sessionId: payload.sid,
  gen: payload.gen,
  authTime: new Date(payload.auth_time * 1_000),
  expiresAt: new Date(payload.exp * 1_000),
});
