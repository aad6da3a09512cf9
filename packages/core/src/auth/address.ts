import { domainToASCII } from "node:url";
import { badRequest, type EchoError } from "@echo/platform";

/** A mail address: as typed, for mail, and in the one form by which accounts are told apart. */
export interface Address {
  email: string;
  normalized: string;
  /** Lower case, of the normalised form. */
  local: string;
  /** Of the domain, as typed and as punycode, without duplicates. */
  labels: string[];
}

// White space, control, format (zero-width, soft hyphen, bidi) and other characters that show nothing.
const invisible = /[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}]/u;
// RFC 5322 atext and dots, and beyond ASCII what RFC 6531 allows: quoted local parts are refused.
const localPart = /^[^"(),:;<>@[\\\]]+$/u;
// Of ASCII only what a host name has: domainToASCII decodes %41 and cuts at "/", and two spellings would be one account.
const domainCharacters = /^[A-Za-z0-9.\-\u{80}-\u{10ffff}]+$/u;
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
// RFC 5321, 4.5.3.1: 64 octets before the @, 254 in all.
const maxLocalBytes = 64;
const maxBytes = 254;

/**
 * lower(NFKC(address)) with the domain as punycode; lower case without regard to a locale.
 * @throws EchoError BAD_REQUEST
 */
export function parseAddress(email: string): Address {
  const folded = email.normalize("NFKC");
  if (invisible.test(email) || invisible.test(folded)) {
    throw invalid("it contains white space or characters that cannot be seen");
  }
  const at = folded.lastIndexOf("@");
  const local = folded.slice(0, Math.max(at, 0)).toLowerCase();
  const typedDomain = folded.slice(at + 1).toLowerCase();
  if (at < 1 || !isLocalPart(local)) throw invalid("the part before the @ is missing or malformed");
  const domain = toPunycode(typedDomain);
  if (domain === null) throw invalid("the part after the @ is not a domain");
  const normalized = `${local}@${domain}`;
  if (Buffer.byteLength(normalized) > maxBytes || Buffer.byteLength(email) > maxBytes) throw invalid("it is too long");
  return { email, normalized, local, labels: [...new Set([...typedDomain.split("."), ...domain.split(".")])] };
}

function isLocalPart(local: string): boolean {
  const dotted = local.startsWith(".") || local.endsWith(".") || local.includes("..");
  return localPart.test(local) && !dotted && Buffer.byteLength(local) <= maxLocalBytes;
}

/** Null when it is no host name; an IP address is none, and "127.1" would come out as one. */
function toPunycode(domain: string): string | null {
  if (!domainCharacters.test(domain)) return null;
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  const last = labels.at(-1) ?? "";
  return labels.every((part) => label.test(part)) && !/^\d+$/.test(last) ? ascii : null;
}

const invalid = (why: string): EchoError => badRequest(`Not a valid e-mail address: ${why}`);
