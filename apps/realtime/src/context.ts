import type { Actor, Core } from "@echo/core";

/** What procedures get. */
export interface CallContext {
  core: Core;
  actor: Actor;
  /** Accepts a later token for this socket. */
  renew(token: string): Promise<Actor>;
}

/** What the router's type shows of it: nothing, so that neither core nor Prisma reaches a client's types. */
export type Context = object;

/** The other side of the opaque type: calls are made with no other. */
export const openContext = (ctx: Context): CallContext => ctx as CallContext;
