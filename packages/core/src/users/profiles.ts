import { Profile } from "@echo/contracts";
import type { Queryable } from "@echo/db";
import { notFound } from "@echo/platform";
import type { Core } from "../core.ts";
import { createSignalledCache, type SignalledCache } from "../signalled-cache.ts";
import { ProfilesChanged, profilesChannel } from "../signals.ts";
import { findProfileRows, findUserIdRows } from "./repository.ts";

/** from-the-design.md: `profile:{user_id}`, one hour. */
const ttlMs = 3_600_000;
const maxLocalEntries = 10_000;
const caches = new WeakMap<Core, SignalledCache<Profile>>();

export function profileCacheOf(core: Core): SignalledCache<Profile> {
  const cache =
    caches.get(core) ??
    createSignalledCache<Profile>(core, {
      prefix: "profile",
      schema: Profile,
      ttlMs,
      maxLocalEntries,
      channel: profilesChannel,
      keysOf: (signal) => ProfilesChanged.safeParse(signal).data?.userIds ?? [],
    });
  caches.set(core, cache);
  return cache;
}

/** Of those who exist, by id; a change elsewhere may take as long as its signal. */
export function findProfiles(core: Core, userIds: readonly string[]): Promise<Map<string, Profile>> {
  return profileCacheOf(core).getMany([...new Set(userIds)], (missing) => readProfiles(core.db, missing));
}

/** The same from the rows themselves: for whoever answers a change, which must not come before it. */
export async function readProfiles(db: Queryable, userIds: readonly string[]): Promise<Map<string, Profile>> {
  const rows = await findProfileRows(db, userIds);
  return new Map(rows.map((profile) => [profile.userId, profile]));
}

/** @throws EchoError NOT_FOUND */
export async function profileOf(core: Core, userId: string): Promise<Profile> {
  const profile = (await findProfiles(core, [userId])).get(userId);
  if (profile) return profile;
  throw notFound("There is no such user");
}

/** Whose names these are, without case and in the order asked; null for nobody's. */
export async function findUserIds(core: Core, usernames: readonly string[]): Promise<(string | null)[]> {
  const names = usernames.map((name) => name.toLowerCase());
  const rows = await findUserIdRows(core.db, [...new Set(names)]);
  const idOf = new Map(rows.map(({ username, userId }) => [username, userId]));
  return names.map((name) => idOf.get(name) ?? null);
}
