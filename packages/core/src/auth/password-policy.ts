import { badRequest } from "@echo/platform";
import { dictionary } from "@zxcvbn-ts/language-common";
import type { Address } from "./address.ts";

/** NIST 800-63B rev. 4, 3.1.1.2; counted in code points after NFKC. */
const minCodePoints = { user: 8, staff: 15 };
const maxCodePoints = 256;
const maxBytes = 1_024;
/** How many characters beside a word of the address still make a password that is guessed from it. */
const spareCharacters = 3;
const minWordLength = 4;

const common = new Set(dictionary["passwords-common"]);

/** The form that is hashed: the same password typed on two keyboards is one. */
export const normalizePassword = (password: string): string => password.normalize("NFKC");

/** Whether it can be anybody's password at all; a longer one is never hashed. */
export const isHashable = (password: string): boolean => Buffer.byteLength(normalizePassword(password)) <= maxBytes;

/**
 * Length, common passwords, and the address's own words; no rules of composition.
 * @throws EchoError BAD_REQUEST that says what to change
 */
export function requireAcceptablePassword(
  password: string,
  address: Address,
  owner: keyof typeof minCodePoints = "user",
): void {
  const normalized = normalizePassword(password);
  const length = [...normalized].length;
  const least = minCodePoints[owner];
  if (length < least) throw badRequest(`The password is too short: at least ${least} characters`);
  if (length > maxCodePoints || !isHashable(password)) {
    throw badRequest(`The password is too long: at most ${maxCodePoints} characters and ${maxBytes} bytes`);
  }
  const folded = normalized.toLowerCase();
  if (common.has(folded)) throw badRequest("The password is one of the most common ones; choose another");
  if (isMadeOf(folded, address))
    throw badRequest("The password is hardly more than the e-mail address; choose another");
}

const isMadeOf = (password: string, address: Address): boolean =>
  [address.normalized, address.local, ...address.labels]
    .filter((word) => [...word].length >= minWordLength && password.includes(word))
    .some((word) => [...password].length - [...word].length <= spareCharacters);
