import type { Core } from "../core.ts";
import type { Delivery } from "./delivery.ts";
import { hydrate } from "./hydrate.ts";
import { readMissed } from "./read-missed.ts";
import type { MissedRange } from "./repository.ts";

/**
 * The next events of a range that this person may receive, by his spans in the database, with their bodies. Fewer than
 * `limit` are the last ones.
 * @throws EchoError PRECONDITION_FAILED when the log does not hold all of the range any more; UNAVAILABLE
 */
export async function backfill(core: Core, userId: string, range: MissedRange): Promise<Delivery[]> {
  return hydrate(core, await readMissed(core, userId, range));
}
