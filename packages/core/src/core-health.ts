import { type Check, createHealth, type Health } from "@echo/platform";
import type { Core } from "./core.ts";

/** What a process says of itself: without its database it serves nothing, without cache or bus it serves slower; `more` is of its own. */
export function createCoreHealth(
  core: Core,
  facts: { service: string; version: string },
  more: Readonly<Record<string, Check>> = {},
): Health {
  return createHealth({
    ...facts,
    clock: core.clock,
    checks: {
      database: { probe: () => core.db.ping(), isVital: true },
      cache: { probe: () => core.cache.ping(), isVital: false },
      bus: { probe: () => core.bus.ping(), isVital: false },
      ...more,
    },
  });
}
