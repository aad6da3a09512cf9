import { randomBytes } from "node:crypto";
import { EchoError, internal } from "@echo/platform";
import type { Core } from "../../core.ts";
import { boxOf } from "../../secret-box.ts";

const auditKeyBytes = 32;
const place = { purpose: "audit-key", context: "auth.audit_head" };

interface AuditKey {
  auditKey: Uint8Array;
  /** For the head's row. */
  sealedKey: Uint8Array;
}

/** Made at the first act; sealed anew at the first one after ECHO_SECRET changed, so that the previous one may go. */
export function openOrMakeAuditKey(core: Core, sealed: Uint8Array | null): AuditKey {
  const box = boxOf(core);
  const auditKey = sealed === null ? randomBytes(auditKeyBytes) : openAuditKey(core, sealed);
  const isCurrent = sealed !== null && !box.isOld(sealed);
  return { auditKey, sealedKey: isCurrent ? sealed : box.seal(auditKey, place) };
}

/** @throws EchoError INTERNAL */
export function openAuditKey(core: Core, sealed: Uint8Array): Uint8Array {
  try {
    return boxOf(core).open(sealed, place);
  } catch (cause) {
    if (!(cause instanceof EchoError)) throw cause;
    const sentence =
      "The audit log's key can't be decrypted: use the ECHO_SECRET that belongs to this database, or name it in ECHO_SECRET_PREVIOUS. If neither does, the key was changed";
    throw internal(sentence, cause);
  }
}
