import type { AnyTRPCProcedure, TRPCProcedureType } from "@trpc/server";
import { router } from "../trpc.ts";
import { adminRouter } from "./admin.ts";
import { authRouter } from "./auth.ts";
import { conversationsRouter } from "./conversations.ts";
import { messagesRouter } from "./messages.ts";
import { usersRouter } from "./users.ts";

export const appRouter = router({
  auth: authRouter,
  users: usersRouter,
  messages: messagesRouter,
  conversations: conversationsRouter,
  admin: adminRouter,
});

/** The type that clients are made of. */
export type AppRouter = typeof appRouter;

/** By their full names: so they lie flat at run time, which the type does not say. */
export const procedures: ReadonlyMap<string, AnyTRPCProcedure> = new Map(
  Object.entries(appRouter._def.procedures as unknown as Record<string, AnyTRPCProcedure>),
);

/** What a name stands for, so that a request can be judged by its address. */
export const procedureTypes: ReadonlyMap<string, TRPCProcedureType> = new Map(
  [...procedures].map(([name, procedure]) => [name, procedure._def.type]),
);
