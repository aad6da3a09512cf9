import type { Profile, UpsertProfileInput } from "@echo/contracts";
import { conflict } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { emitOnUserStreams } from "../event-log/index.ts";
import { type ProfilesChanged, profilesChannel } from "../signals.ts";
import { insertProfile } from "./insert-profile.ts";
import { profileCacheOf } from "./profiles.ts";
import { isUsernameTaken, lockProfile, updateProfile } from "./repository.ts";

/**
 * Changes what is given and leaves the rest; what changes nothing tells nobody.
 * @throws EchoError CONFLICT when somebody has that username in any case
 */
export async function upsertProfile(core: Core, actor: Actor, input: UpsertProfileInput): Promise<Profile> {
  const { profile, isChanged } = await write(core, actor, input);
  if (isChanged) {
    await tellOthers(core, actor.userId);
    core.events.appendSoon();
  }
  return profile;
}

async function write(core: Core, { userId }: Actor, input: UpsertProfileInput) {
  try {
    return await core.db.transaction(async (tx) => {
      const before = (await lockProfile(tx, userId)) ?? (await insertProfile(tx, { userId, displayName: "" }));
      const profile: Profile = { ...before, ...given(input) };
      const isChanged = changedFields.some((field) => profile[field] !== before[field]);
      if (isChanged) {
        await updateProfile(tx, profile);
        const event = { type: "user.updated", actorId: userId, refId: userId, data: null };
        await emitOnUserStreams(tx, [{ userId, event }]);
      }
      return { profile, isChanged };
    });
  } catch (error) {
    if (isUsernameTaken(error)) throw conflict("This username is taken", error);
    throw error;
  }
}

const changedFields = ["username", "displayName", "bio", "avatarUrl", "status"] as const;

const given = (input: UpsertProfileInput): Partial<Profile> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

/** Before the event wakes anybody who would read the profile. */
async function tellOthers(core: Core, userId: string): Promise<void> {
  await profileCacheOf(core).forget([userId]);
  const signal: ProfilesChanged = { v: 1, userIds: [userId] };
  await core.bus
    .publish(profilesChannel, signal)
    .catch((error: unknown) => core.logger.warn("A changed profile could not be announced", { userId, error }));
}
