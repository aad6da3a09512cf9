import type { Core } from "../core.ts";
import { findMemberships, type Membership } from "../membership/index.ts";

/** Every conversation that this person is or was in, with the spans that decide what he receives of it. */
export function loadMemberships(core: Core, userId: string): Promise<Membership[]> {
  return findMemberships(core.db, userId);
}
