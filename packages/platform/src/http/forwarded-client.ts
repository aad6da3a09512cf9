import { createHmac } from "node:crypto";
import type { Clock } from "../clock/clock.ts";
import { deriveKey, isSameSecret } from "../secret-box/secret-box.ts";
import { parseAddress } from "./client-ip.ts";

/** Says whose request the console passes on: `address;milliseconds;signature`. */
export const forwardedClientHeader = "x-echo-forwarded-client";

/** A request is signed as it is passed on; what is older was kept by somebody. Wide enough for clocks that differ. */
const maxAgeMs = 30_000;
const keyPurpose = "echo/forwarded-client";
const form = /^([0-9a-fA-F:.]{2,45});(\d{1,15});([A-Za-z0-9_-]{43})$/;

/** Gives the header's value for the address that a request came from. */
export function createForwardedClientSigner({ secret, clock }: { secret: Uint8Array; clock: Clock }) {
  const key = deriveKey(secret, keyPurpose);
  return (ip: string): string => {
    const text = `${ip};${clock.now().getTime()}`;
    return `${text};${signatureOf(key, text).toString("base64url")}`;
  };
}

interface ReaderOptions {
  secret: Uint8Array;
  /** Of a console that was not restarted since the rotation. */
  previousSecret: Uint8Array | null;
  clock: Clock;
}

/** Gives the address that the console saw; null for a header that nobody of ours signed just now. */
export function createForwardedClientReader({ secret, previousSecret, clock }: ReaderOptions) {
  const keys = [secret, ...(previousSecret ? [previousSecret] : [])].map((each) => deriveKey(each, keyPurpose));
  return (header: string | readonly string[] | undefined): string | null => {
    const [, ip = "", at = "", signature = ""] = (typeof header === "string" && form.exec(header)) || [];
    const given = Buffer.from(signature, "base64url");
    const isOurs = keys.some((key) => isSameSecret(given, signatureOf(key, `${ip};${at}`)));
    if (!isOurs || Math.abs(clock.now().getTime() - Number(at)) > maxAgeMs) return null;
    return parseAddress(ip)?.toString() ?? null;
  };
}

const signatureOf = (key: Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();
