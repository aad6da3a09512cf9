import type { StaffRole } from "@echo/contracts";
import type { Actor } from "@echo/core";
import { requireStaffRole } from "@echo/core/staff";
import { unauthorized } from "@echo/platform";
import { initTRPC } from "@trpc/server";
import { z } from "zod";
import { type Context, openContext, type RequestContext } from "./context.ts";
import { faultOf, wireError } from "./http/fault.ts";

const t = initTRPC.context<Context>().create({
  isDev: false,
  errorFormatter({ error, ctx }) {
    const fault = faultOf(error);
    const requestId = ctx === undefined ? "" : openContext(ctx).caller.requestId;
    return wireError(fault, requestId);
  },
});

export const router = t.router;

/** Anybody may call. */
export const publicProcedure = t.procedure.use(({ ctx, next }) => next<RequestContext>({ ctx: openContext(ctx) }));

/** Whoever brought a token that holds. Beside `publicProcedure`, not upon it: each step of tRPC's copies the context. */
export const userProcedure = t.procedure.use(({ ctx, next }) => {
  const opened = openContext(ctx);
  const { actor, refusal } = opened;
  if (actor === null) throw refusal ?? unauthorized("Sign in first: this call needs an access token");
  return next<RequestContext & { actor: Actor }>({ ctx: { ...opened, actor } });
});

/** Whoever is signed in to the console, and has this role or a higher one. */
export const staffProcedure = (role: StaffRole) =>
  publicProcedure.use(({ ctx, next }) => {
    if (ctx.staff === null) throw ctx.refusal ?? unauthorized("Sign in to the console first");
    requireStaffRole(ctx.staff, role);
    return next({ ctx: { staff: ctx.staff } });
  });

/** Of a procedure that asks nothing; an unknown key is refused as everywhere. */
export const NoInput = z.strictObject({}).optional();
