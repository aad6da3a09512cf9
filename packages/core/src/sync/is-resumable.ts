import type { Core } from "../core.ts";
import type { LogHead } from "../event-log/index.ts";
import type { Cursor } from "./cursor.ts";
import { countMissed } from "./read-missed.ts";

/** Semantic 3: more missed events than this are not given one by one. */
export const maxMissed = 5_000;

/** Whether the log holds everything after this cursor. */
export function isHeld({ epoch, position }: Cursor, head: LogHead): boolean {
  return epoch === head.epoch && position >= head.floor && position <= head.position;
}

/** Whether everything that this person missed since a cursor can be given one by one. */
export async function isResumable(core: Core, userId: string, since: Cursor): Promise<boolean> {
  const head = await core.events.head();
  if (!isHeld(since, head)) return false;
  // Positions have no holes: nobody can have missed more than there is.
  if (head.position - since.position <= maxMissed) return true;
  const range = { after: since.position, upTo: head.position, limit: maxMissed + 1 };
  return (await countMissed(core, userId, range)) <= maxMissed;
}
