import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { internal } from "../errors.ts";

/** What a sealed value belongs to: a key is never used for two purposes. */
export interface SealPurpose {
  /** Such as "signing-key"; each has a key of its own. */
  purpose: string;
  /** Such as the row's id: a value copied into another row does not open there. */
  context: string;
}

/** Encryption at rest under ECHO_SECRET. */
export interface SecretBox {
  seal(plaintext: Uint8Array, purpose: SealPurpose): Uint8Array<ArrayBuffer>;
  /** @throws EchoError INTERNAL when it was changed, belongs elsewhere, or was sealed under an unknown secret */
  open(sealed: Uint8Array, purpose: SealPurpose): Uint8Array<ArrayBuffer>;
  /** True when it was sealed under the previous secret: to be sealed anew before that one goes. */
  isOld(sealed: Uint8Array): boolean;
}

export interface SecretBoxOptions {
  secret: Uint8Array;
  /** Still opens what it sealed. */
  previousSecret?: Uint8Array | null;
}

/** version | key id | nonce | tag | ciphertext */
const version = 1;
const keyIdBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const nonceAt = 1 + keyIdBytes;
const tagAt = nonceAt + nonceBytes;
const textAt = tagAt + tagBytes;
const algorithm = "aes-256-gcm";

/** AES-256-GCM (NIST SP 800-38D) with random nonces under keys derived by purpose (HKDF-SHA-256, RFC 5869). */
export function createSecretBox({ secret, previousSecret = null }: SecretBoxOptions): SecretBox {
  const current = { id: keyId(secret), secret };
  const known = [current, ...(previousSecret ? [{ id: keyId(previousSecret), secret: previousSecret }] : [])];
  return {
    seal(plaintext, { purpose, context }) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, deriveKey(current.secret, `echo/seal/${purpose}`), nonce);
      cipher.setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return new Uint8Array(Buffer.concat([Buffer.of(version), current.id, nonce, cipher.getAuthTag(), text]));
    },
    open(sealed, { purpose, context }) {
      const bytes = Buffer.from(sealed);
      const key = known.find(({ id }) => isSealedUnder(bytes, id));
      if (!key) throw internal(`A sealed ${purpose} belongs to neither ECHO_SECRET nor ECHO_SECRET_PREVIOUS`);
      return decrypt(bytes, deriveKey(key.secret, `echo/seal/${purpose}`), { purpose, context });
    },
    isOld: (sealed) => !isSealedUnder(Buffer.from(sealed), current.id),
  };
}

/** 32 bytes of their own for each purpose (HKDF-SHA-256): keys of HMACs, for instance. */
export function deriveKey(secret: Uint8Array, purpose: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), purpose, 32));
}

/** Compares in a time that tells nothing of where two values differ: signatures, hashes. */
export const isSameSecret = (one: Uint8Array, other: Uint8Array): boolean =>
  one.byteLength === other.byteLength && timingSafeEqual(one, other);

function keyId(secret: Uint8Array): Buffer {
  const derived = deriveKey(secret, "echo/seal-key-id");
  return createHash("sha256").update(derived).digest().subarray(0, keyIdBytes);
}

function isSealedUnder(sealed: Buffer, id: Buffer): boolean {
  return sealed.byteLength >= textAt && sealed[0] === version && sealed.subarray(1, nonceAt).equals(id);
}

function decrypt(sealed: Buffer, key: Uint8Array, { purpose, context }: SealPurpose): Uint8Array<ArrayBuffer> {
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(nonceAt, tagAt), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(tagAt, textAt));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]));
  } catch (cause) {
    throw internal(`A sealed ${purpose} was changed, or does not belong to its place`, cause);
  }
}
