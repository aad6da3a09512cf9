import type { MarkInput, Watermarks } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { mark } from "./mark.ts";

/** A device of this person has everything up to and with `seq`. Stale marks succeed and change nothing. */
export function markDelivered(core: Core, actor: Actor, input: MarkInput): Promise<Watermarks> {
  return mark(core, actor, { ...input, kind: "delivered" });
}
