import { randomBytes } from "node:crypto";
import type { StaffTotpEnrollment } from "@echo/contracts";
import { Secret, TOTP } from "otpauth";
import type { Core } from "../core.ts";
import { boxOf } from "../secret-box.ts";

/** RFC 4226, 4: 160 bits. */
const secretBytes = 20;
const issuer = "Echo console";
/** RFC 6238, and what every authenticator knows. */
const parameters = { algorithm: "SHA1", digits: 6, period: 30 };
/** A clock half a minute off, and somebody who types slowly. */
const window = 1;

export const createTotpSecret = (): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(secretBytes));

const placeOf = (staffId: string) => ({ purpose: "staff-totp", context: staffId });

export const sealTotpSecret = (core: Core, staffId: string, secret: Uint8Array): Uint8Array<ArrayBuffer> =>
  boxOf(core).seal(secret, placeOf(staffId));

export const openTotpSecret = (core: Core, staffId: string, sealed: Uint8Array): Uint8Array<ArrayBuffer> =>
  boxOf(core).open(sealed, placeOf(staffId));

const totpOf = (secret: Uint8Array<ArrayBuffer>, label: string) =>
  new TOTP({ ...parameters, issuer, label, secret: new Secret({ buffer: secret.buffer }) });

/** @param label how the authenticator names the account */
export function toEnrollment(secret: Uint8Array<ArrayBuffer>, label: string): StaffTotpEnrollment {
  const totp = totpOf(secret, label);
  return { uri: totp.toString(), secret: totp.secret.base32 };
}

interface Typed {
  code: string;
  now: Date;
  /** Neither it nor an older step is taken again. */
  lastStep: number | null;
}

/** The time step that the code is of; null when it is of none that may be used. */
export function stepOfCode(secret: Uint8Array<ArrayBuffer>, { code, now, lastStep }: Typed): number | null {
  const totp = totpOf(secret, "");
  const delta = totp.validate({ token: code, timestamp: now.getTime(), window });
  if (delta === null) return null;
  const step = totp.counter({ timestamp: now.getTime() }) + delta;
  return lastStep !== null && step <= lastStep ? null : step;
}
