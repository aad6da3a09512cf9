import type { Core } from "../core.ts";
import { waitersOf } from "./waiters.ts";

/** Before a process stops: calls that wait for events answer now, and none waits any more. */
export function endWaits(core: Core): void {
  waitersOf(core).close();
}
