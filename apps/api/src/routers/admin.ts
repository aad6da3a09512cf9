import {
  Empty,
  Overview,
  SignInLinkInput,
  SignInPasswordInput,
  SignInTotpInput,
  StaffChallenge,
  StaffMe,
  StaffStepUpInput,
  StaffStepUpResult,
  StaffTotpCodeInput,
  StaffTotpEnrollment,
} from "@echo/contracts";
import { getOverview } from "@echo/core/admin";
import {
  confirmStaffTotp,
  disableStaffTotp,
  enrollStaffTotp,
  signInByLink,
  signInByPassword,
  signInByTotp,
  signOutStaff,
  staffMe,
  stepUpStaff,
} from "@echo/core/staff";
import { NoInput, publicProcedure, router, staffProcedure } from "../trpc.ts";

const signInRouter = router({
  link: publicProcedure
    .input(SignInLinkInput)
    .output(StaffMe)
    .mutation(async ({ ctx, input }) => ctx.console.open(await signInByLink(ctx.core, ctx.console.caller, input))),
  password: publicProcedure
    .input(SignInPasswordInput)
    .output(StaffChallenge)
    .mutation(({ ctx, input }) => signInByPassword(ctx.core, ctx.console.caller, input)),
  totp: publicProcedure
    .input(SignInTotpInput)
    .output(StaffMe)
    .mutation(async ({ ctx, input }) => ctx.console.open(await signInByTotp(ctx.core, ctx.console.caller, input))),
});

const totpRouter = router({
  enroll: staffProcedure("viewer")
    .input(NoInput)
    .output(StaffTotpEnrollment)
    .mutation(({ ctx }) => enrollStaffTotp(ctx.core, ctx.staff)),
  confirm: staffProcedure("viewer")
    .input(StaffTotpCodeInput)
    .output(Empty)
    .mutation(({ ctx, input }) => confirmStaffTotp(ctx.core, ctx.staff, input)),
  disable: staffProcedure("viewer")
    .input(StaffTotpCodeInput)
    .output(Empty)
    .mutation(({ ctx, input }) => disableStaffTotp(ctx.core, ctx.staff, input)),
});

export const adminRouter = router({
  signIn: signInRouter,
  signOut: staffProcedure("viewer")
    .input(NoInput)
    .output(Empty)
    .mutation(async ({ ctx }) => ctx.console.close(await signOutStaff(ctx.core, ctx.staff))),
  me: staffProcedure("viewer")
    .input(NoInput)
    .output(StaffMe)
    .query(({ ctx }) => staffMe(ctx.core, ctx.staff)),
  stepUp: staffProcedure("viewer")
    .input(StaffStepUpInput)
    .output(StaffStepUpResult)
    .mutation(({ ctx, input }) => stepUpStaff(ctx.core, ctx.staff, input)),
  totp: totpRouter,
  overview: staffProcedure("viewer")
    .input(NoInput)
    .output(Overview)
    .query(({ ctx }) => getOverview(ctx.core)),
});
