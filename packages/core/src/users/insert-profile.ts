import { randomInt } from "node:crypto";
import type { Profile } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { insertProfileRow } from "./repository.ts";

/** A billion names after each stem: the second try is already rare. */
const maxAttempts = 10;
const suffixLength = 6;
const maxStemLength = 20;

/** A new person's profile, with a username that is generated; it tells nothing of the e-mail address. */
export async function insertProfile(
  tx: Tx,
  { userId, displayName }: { userId: string; displayName: string },
  generate = generateUsername,
): Promise<Profile> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const profile = await insertProfileRow(tx, { userId, username: generate(displayName), displayName });
    if (profile) return profile;
  }
  throw new Error("No free username was found");
}

/** The display name's letters as far as a username may have them, and six more characters. */
export function generateUsername(displayName: string): string {
  const stem = displayName
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .slice(0, maxStemLength)
    .replace(/^_+|_+$/g, "");
  const suffix = randomInt(36 ** suffixLength)
    .toString(36)
    .padStart(suffixLength, "0");
  return `${stem === "" ? "user" : stem}_${suffix}`;
}
