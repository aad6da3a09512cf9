import type { Actor, Caller, Core } from "@echo/core";
import type { EchoError } from "@echo/platform";

/** What procedures get. */
export interface RequestContext {
  core: Core;
  caller: Caller;
  /** Null: nobody signed in. */
  actor: Actor | null;
  /** Why the token that came was not accepted. */
  refusal: EchoError | null;
}

/** What the router's type shows of it: nothing, so that neither core nor Prisma reaches a client's types. */
export type Context = object;

/** The other side of the opaque type: createContext makes no other. */
export const openContext = (ctx: Context): RequestContext => ctx as RequestContext;
