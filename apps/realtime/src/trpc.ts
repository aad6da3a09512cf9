import { initTRPC } from "@trpc/server";
import { type CallContext, type Context, openContext } from "./context.ts";
import { errorShape } from "./fault.ts";

const t = initTRPC.context<Context>().create({
  isDev: false,
  errorFormatter: ({ error, ctx }) => errorShape(error, ctx === undefined ? "" : openContext(ctx).actor.requestId),
});

export const router = t.router;

/** Every call of a socket is made by somebody: without a token there is no socket. */
export const procedure = t.procedure.use(({ ctx, next }) => next<CallContext>({ ctx: openContext(ctx) }));
