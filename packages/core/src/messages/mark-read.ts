import type { MarkInput, Watermarks } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { mark } from "./mark.ts";

/** Read up to and with `seq`, which implies delivered. Stale marks succeed and change nothing. */
export function markRead(core: Core, actor: Actor, input: MarkInput): Promise<Watermarks> {
  return mark(core, actor, { ...input, kind: "read" });
}
