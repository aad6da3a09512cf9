import type { Core } from "../core.ts";
import { countMissed } from "./backfill.ts";
import type { Cursor } from "./cursor.ts";

/** Semantic 3: more missed events than this are not given one by one. */
const maxMissed = 5_000;

/** Whether everything that this user missed between his cursor and `upTo` can still be given. */
export async function isResumable(
  core: Core,
  userId: string,
  { since, upTo }: { since: Cursor; upTo: number },
): Promise<boolean> {
  const { epoch, floor, position } = await core.events.head();
  if (since.epoch !== epoch || since.position < floor || since.position > position) return false;
  if (since.position >= upTo) return true;
  return (await countMissed(core, userId, { after: since.position, upTo, limit: maxMissed + 1 })) <= maxMissed;
}
