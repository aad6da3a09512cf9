import { batched } from "../batcher.ts";
import type { Core } from "../core.ts";
import type { LoggedEvent } from "../event-log/index.ts";
import type { Delivery } from "./delivery.ts";
import { hydrate } from "./hydrate.ts";
import { readMissed } from "./read-missed.ts";
import type { MissedRange } from "./repository.ts";

/** Pages whose bodies are read together. */
const maxPages = 64;
const readBodies = batched({ maxBatch: maxPages }, load);

/**
 * The next events of a range that this person may receive, by his spans in the database, with their bodies. Fewer than
 * `limit` are the last ones. What others are given in the same moment is read once, and is the same object.
 * @throws EchoError PRECONDITION_FAILED when the log does not hold all of the range any more; UNAVAILABLE
 */
export async function backfill(core: Core, userId: string, range: MissedRange): Promise<Delivery[]> {
  const events = await readMissed(core, userId, range);
  if (events.length === 0) return [];
  return readBodies(core, events);
}

async function load(core: Core, pages: readonly (readonly LoggedEvent[])[]): Promise<Delivery[][]> {
  const placeOf = ({ epoch, position }: LoggedEvent) => `${epoch}.${position}`;
  const events = new Map(pages.flat().map((event) => [placeOf(event), event]));
  const deliveries = await hydrate(core, [...events.values()]);
  // In the order given.
  const byPlace = new Map([...events.keys()].map((place, at) => [place, deliveries[at]]));
  return pages.map((page) => page.flatMap((event) => byPlace.get(placeOf(event)) ?? []));
}
