import type { Actor, Core } from "../core.ts";
import { backgroundOf } from "./background.ts";

/** This session's connection is gone, and with it everything that it typed. */
export function stopTyping(core: Core, actor: Pick<Actor, "sessionId">): Promise<void> {
  return backgroundOf(core).typing.stop(actor.sessionId);
}
