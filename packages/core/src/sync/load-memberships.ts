import { batched } from "../batcher.ts";
import type { Core } from "../core.ts";
import { findMemberships, type Membership } from "../membership/index.ts";

/** People whose memberships are read in one statement. */
const maxPeople = 256;

/**
 * Every conversation that this person is or was in, with the spans that decide what he receives of it: as they are
 * after the call, in one reading for all who ask meanwhile.
 */
export const loadMemberships: (core: Core, userId: string) => Promise<Membership[]> = batched(
  { maxBatch: maxPeople },
  load,
);

async function load(core: Core, userIds: readonly string[]): Promise<Membership[][]> {
  const found = await findMemberships(core.db, [...new Set(userIds)]);
  return userIds.map((userId) => copyOf(found.get(userId)));
}

/** Whoever asked changes his spans as the log goes on. */
const copyOf = (memberships: readonly Membership[] = []): Membership[] =>
  memberships.map((membership) => ({ ...membership, spans: membership.spans.map((span) => ({ ...span })) }));
