import { preconditionFailed } from "@echo/platform";
import type { Core } from "../core.ts";
import type { LoggedEvent } from "../event-log/index.ts";
import { deliveredTypes } from "./event-data.ts";
import { countMissedRows, listMissed, type MissedRange } from "./repository.ts";

/**
 * The events of a range that this person may receive, in order, without their bodies.
 * @throws EchoError PRECONDITION_FAILED when the log does not hold all of the range any more; UNAVAILABLE
 */
export async function readMissed(core: Core, userId: string, range: MissedRange): Promise<LoggedEvent[]> {
  const events = await listMissed(core.db, userId, { ...range, types: deliveredTypes });
  await requireHeld(core, range.after);
  return events;
}

/**
 * How many events of a range this person may receive, counted to `limit`.
 * @throws EchoError as readMissed
 */
export async function countMissed(core: Core, userId: string, range: MissedRange): Promise<number> {
  const events = await countMissedRows(core.db, userId, { ...range, types: deliveredTypes });
  await requireHeld(core, range.after);
  return events;
}

/** After the read: the floor rises before anything is dropped, so what a read has missed shows here. */
async function requireHeld(core: Core, after: number): Promise<void> {
  const { floor } = await core.events.head();
  if (after < floor) throw preconditionFailed("The log does not go back so far any more");
}
