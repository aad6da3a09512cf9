import { preconditionFailed } from "@echo/platform";
import { batched } from "../batcher.ts";
import type { Core } from "../core.ts";
import type { LoggedEvent } from "../event-log/index.ts";
import { deliveredTypes } from "./event-data.ts";
import { type AskedRange, countMissedRows, listMissed, type MissedRange } from "./repository.ts";

/** Pages up to this long are read together for all who ask at once. */
const maxSharedEvents = 256;
const maxPeople = 64;
const listAll = (core: Core, ranges: readonly AskedRange[]) => listMissed(core.db, ranges, deliveredTypes);
const listTogether = batched({ maxBatch: maxPeople }, listAll);

/**
 * The events of a range that this person may receive, in order, without their bodies.
 * @throws EchoError PRECONDITION_FAILED when the log does not hold all of the range any more; DbError
 */
export async function readMissed(core: Core, userId: string, range: MissedRange): Promise<LoggedEvent[]> {
  const events = await walkMissed(core, userId, range);
  await requireHeld(core, range.after);
  return events;
}

/** The same; whether the log held all of it is for the caller to see, after the call. */
export async function walkMissed(core: Core, userId: string, range: MissedRange): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (const { after, upTo } of stretches(range)) {
    const limit = range.limit - events.length;
    events.push(...(await listStretch(core, { userId, after, upTo, limit })));
    if (events.length === range.limit) break;
  }
  return events;
}

async function listStretch(core: Core, range: AskedRange): Promise<LoggedEvent[]> {
  if (range.limit > maxSharedEvents) return (await listAll(core, [range])).flat();
  return listTogether(core, range);
}

/**
 * How many events of a range this person may receive, counted to `limit`.
 * @throws EchoError and DbError as readMissed
 */
export async function countMissed(core: Core, userId: string, range: MissedRange): Promise<number> {
  let events = 0;
  for (const { after, upTo } of stretches(range)) {
    const limit = range.limit - events;
    events += await countMissedRows(core.db, { userId, after, upTo, limit }, deliveredTypes);
    if (events === range.limit) break;
  }
  await requireHeld(core, range.after);
  return events;
}

/**
 * A range in stretches, each eight times as long as the one before: who has many streams and missed much finds his page
 * in the first (40 ms for 500 streams else), who missed little needs few of them.
 */
function* stretches({ after, upTo, limit }: MissedRange): Generator<{ after: number; upTo: number }> {
  let length = 16 * limit;
  for (let from = after; from < upTo; length *= 8) {
    const to = Math.min(from + length, upTo);
    yield { after: from, upTo: to };
    from = to;
  }
}

/** After the read: the floor rises before anything is dropped, so what a read has missed shows here. */
async function requireHeld(core: Core, after: number): Promise<void> {
  const { floor } = await core.events.head();
  if (after < floor) throw preconditionFailed("The log does not go back so far any more");
}
