import type { Member, Profile } from "@echo/contracts";
import type { Participant } from "./membership.ts";

/** Rows with the profiles of the people in them. */
export function toMembers(rows: readonly Participant[], profiles: ReadonlyMap<string, Profile>): Member[] {
  return rows.flatMap(({ userId, role, joinedAt }) => {
    const profile = profiles.get(userId);
    return profile ? [{ userId, role, joinedAt: joinedAt.toISOString(), profile }] : [];
  });
}
