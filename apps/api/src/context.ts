import type { Actor, Caller, Core } from "@echo/core";
import type { StaffActor } from "@echo/core/staff";
import type { EchoError } from "@echo/platform";
import type { ConsoleDoor } from "./http/console-door.ts";

/** What procedures get. */
export interface RequestContext {
  core: Core;
  caller: Caller;
  /** Null: nobody signed in. */
  actor: Actor | null;
  /** Null: nobody signed in to the console. */
  staff: StaffActor | null;
  console: ConsoleDoor;
  /** Why the token or the cookie that came was not accepted. */
  refusal: EchoError | null;
}

/** What the router's type shows of it: nothing, so that neither core nor Prisma reaches a client's types. */
export type Context = object;

/** The other side of the opaque type: createContext makes no other. */
export const openContext = (ctx: Context): RequestContext => ctx as RequestContext;
