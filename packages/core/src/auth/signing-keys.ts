import { hash, webcrypto } from "node:crypto";
import type { Db } from "@echo/db";
import { type Clock, createSecretBox, EchoError, type Ids, type SecretBox, unavailable } from "@echo/platform";
import { type CryptoKey, calculateJwkThumbprint, errors, exportJWK, importJWK } from "jose";
import type { CoreConfig } from "../config.ts";
import { Lru } from "../lru.ts";
import type { AccessClaims, Keys } from "../ports.ts";
import { isExpired, signAccessToken, verifyAccessToken } from "./access-token.ts";
import { insertCurrentKey, listUsableKeys, type SigningKeyRow } from "./repository/signing-keys.ts";

interface KeysOptions {
  db: Db;
  config: CoreConfig;
  clock: Clock;
  ids: Ids;
}

/** The keys as this process read them last. */
interface KeySet {
  current: { kid: string; privateKey: CryptoKey } | null;
  publicKeys: Map<string, CryptoKey>;
  jwks: Record<string, unknown>[];
  readAtMs: number;
}

/** Another process's rotation or revocation counts here within 30 s (security.md), with time to spare for a slow read. */
const readEveryMs = 10_000;
const trustForMs = 30_000;
/** Tokens with a kid that nobody knows must not become reads of the database, one each. */
const readForUnknownKidEveryMs = 1_000;
const maxVerifiedTokens = 20_000;

/**
 * Signs and verifies access tokens with the keys of auth.signing_keys: `current` signs; `next`, `current` and `verifying`
 * verify. The first process that needs a key makes it.
 */
export function createKeys({ db, config, clock, ids }: KeysOptions): Keys {
  const keySets = createKeySets({ db, clock, box: createSecretBox(config) });
  const verified = new Lru<{ kid: string; claims: AccessClaims }>(maxVerifiedTokens);

  return {
    async sign(claims, now) {
      const { kid, privateKey } = await keySets.signing();
      const expiresAt = wholeSeconds(now.getTime() + config.lifetimes.accessMs);
      const signing = { issuer: config.issuer, kid, privateKey, jti: ids.token(16), issuedAt: now, expiresAt };
      return { accessToken: await signAccessToken(claims, signing), expiresAt };
    },

    async verify(accessToken, audience) {
      const key = `${audience} ${hash("sha256", accessToken, "base64")}`;
      const known = verified.get(key);
      if (known && !isExpired(known.claims, clock.now()) && (await keySets.latest()).publicKeys.has(known.kid)) {
        return known.claims;
      }
      let kid = "";
      const claims = await verifyAccessToken(accessToken, {
        issuer: config.issuer,
        audience,
        now: clock.now(),
        keyOf: (header) => {
          kid = header.kid ?? "";
          return keySets.publicKey(kid);
        },
      });
      verified.set(key, { kid, claims });
      return claims;
    },

    async jwks() {
      await keySets.signing();
      return { keys: (await keySets.latest()).jwks };
    },
  };
}

interface KeySetsOptions {
  db: Db;
  clock: Clock;
  box: SecretBox;
}

/** Reads the keys again when they are old, one read at a time. */
function createKeySets({ db, clock, box }: KeySetsOptions) {
  let keySet: KeySet | null = null;
  let reading: Promise<KeySet> | null = null;
  const ageMs = () => (keySet === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() - keySet.readAtMs);

  async function read(): Promise<KeySet> {
    const readAtMs = clock.monotonicMs();
    keySet = await toKeySet(await listUsableKeys(db, clock.now()), { box, readAtMs });
    return keySet;
  }
  function refresh(): Promise<KeySet> {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }
  async function latest(maxAgeMs = readEveryMs): Promise<KeySet> {
    if (keySet !== null && ageMs() < maxAgeMs) return keySet;
    try {
      return await refresh();
    } catch (cause) {
      if (keySet !== null && ageMs() < trustForMs) return keySet;
      throw cause instanceof EchoError ? cause : unavailable("The signing keys cannot be read; try again", cause);
    }
  }

  return {
    latest,
    async signing() {
      const { current } = await latest();
      if (current) return current;
      await insertCurrentKey(db, { ...(await generateKey(box)), now: clock.now() });
      // A read that began before the insert does not know of it.
      await reading?.catch(() => null);
      const made = (await refresh()).current;
      if (made) return made;
      throw unavailable("There is no signing key; try again");
    },
    async publicKey(kid: string): Promise<CryptoKey> {
      const key = (await latest()).publicKeys.get(kid) ?? (await latest(readForUnknownKidEveryMs)).publicKeys.get(kid);
      if (key) return key;
      throw new errors.JWKSNoMatchingKey();
    },
  };
}

async function toKeySet(
  rows: SigningKeyRow[],
  { box, readAtMs }: { box: SecretBox; readAtMs: number },
): Promise<KeySet> {
  const publicKeys = new Map<string, CryptoKey>();
  for (const { kid, publicJwk } of rows) publicKeys.set(kid, await importPublicKey(publicJwk));
  const row = rows.find(({ state }) => state === "current");
  const current = row ? { kid: row.kid, privateKey: await openPrivateKey(box, row) } : null;
  return { current, publicKeys, jwks: rows.map(({ publicJwk }) => publicJwk), readAtMs };
}

async function importPublicKey(jwk: Record<string, unknown>): Promise<CryptoKey> {
  const key = await importJWK(jwk, "EdDSA");
  if (key instanceof Uint8Array) throw new TypeError("A signing key is not an Ed25519 key");
  return key;
}

const algorithm = { name: "Ed25519" };
const sealedAs = (kid: string) => ({ purpose: "signing-key", context: kid });

/** @throws EchoError INTERNAL when it was sealed under another secret */
export function openPrivateKey(box: SecretBox, { kid, privateKey }: SigningKeyRow): Promise<CryptoKey> {
  const pkcs8 = box.open(privateKey, sealedAs(kid));
  return webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
}

async function generateKey(box: SecretBox) {
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  if (!("publicKey" in pair)) throw new TypeError("Ed25519 gave no key pair");
  const jwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const pkcs8 = new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { kid, publicJwk: { ...jwk, kid, alg: "EdDSA", use: "sig" }, privateKey: box.seal(pkcs8, sealedAs(kid)) };
}

const wholeSeconds = (ms: number): Date => new Date(Math.floor(ms / 1_000) * 1_000);
