import type { Db } from "@echo/db";
import { createSecretBox, EchoError, preconditionFailed } from "@echo/platform";
import { listUsableKeys } from "./repository/signing-keys.ts";
import { openPrivateKey } from "./signing-keys.ts";

/**
 * A database that was kept while its secret was lost or changed: found at the start, with a sentence, and not at the
 * first sign-in. A database without keys matches every secret.
 * @throws EchoError PRECONDITION_FAILED
 */
export async function assertSecretMatches(
  db: Db,
  secret: Uint8Array,
  previousSecret: Uint8Array | null = null,
): Promise<void> {
  const box = createSecretBox({ secret, previousSecret });
  try {
    for (const key of await listUsableKeys(db, new Date())) await openPrivateKey(box, key);
  } catch (cause) {
    if (!(cause instanceof EchoError && cause.code === "INTERNAL")) throw cause;
    const sentence =
      "This database was used with another ECHO_SECRET: its signing keys cannot be decrypted. Start with the secret that belongs to it, or name that one in ECHO_SECRET_PREVIOUS";
    throw preconditionFailed(sentence, cause);
  }
}
