import type { Actor, Core } from "../core.ts";
import { backgroundOf } from "./background.ts";
import type { Typist } from "./typing.ts";

/** For whoever hears that this person sent, left or was removed: their typing in that conversation is over. */
export function endTyping(core: Core, typist: Typist): Promise<void> {
  return backgroundOf(core).typing.end(typist);
}

/** This session's connection is gone, and with it everything that it typed. */
export function stopTyping(core: Core, actor: Pick<Actor, "sessionId">): Promise<void> {
  return backgroundOf(core).typing.stop(actor.sessionId);
}
