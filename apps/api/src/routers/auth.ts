import {
  AuthResult,
  Empty,
  LoginInput,
  LogoutInput,
  Me,
  RefreshInput,
  RegisterInput,
  StepUpInput,
  StepUpResult,
} from "@echo/contracts";
import { login, logout, me, refresh, register, stepUp } from "@echo/core/auth";
import { NoInput, publicProcedure, router, userProcedure } from "../trpc.ts";

export const authRouter = router({
  register: publicProcedure
    .input(RegisterInput)
    .output(AuthResult)
    .mutation(({ ctx, input }) => register(ctx.core, ctx.caller, input)),
  login: publicProcedure
    .input(LoginInput)
    .output(AuthResult)
    .mutation(({ ctx, input }) => login(ctx.core, ctx.caller, input)),
  refresh: publicProcedure
    .input(RefreshInput)
    .output(AuthResult)
    .mutation(({ ctx, input }) => refresh(ctx.core, ctx.caller, input)),
  logout: userProcedure
    .input(LogoutInput)
    .output(Empty)
    .mutation(({ ctx, input }) => logout(ctx.core, ctx.actor, input)),
  stepUp: userProcedure
    .input(StepUpInput)
    .output(StepUpResult)
    .mutation(({ ctx, input }) => stepUp(ctx.core, ctx.actor, input)),
  me: userProcedure
    .input(NoInput)
    .output(Me)
    .query(({ ctx }) => me(ctx.core, ctx.actor)),
});
