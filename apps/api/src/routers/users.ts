import { GetProfileInput, Profile, UpsertProfileInput } from "@echo/contracts";
import { getProfile, myProfile, upsertProfile } from "@echo/core/users";
import { NoInput, router, userProcedure } from "../trpc.ts";

const profileRouter = router({
  upsert: userProcedure
    .input(UpsertProfileInput)
    .output(Profile)
    .mutation(({ ctx, input }) => upsertProfile(ctx.core, ctx.actor, input)),
  get: userProcedure
    .input(GetProfileInput)
    .output(Profile)
    .query(({ ctx, input }) => getProfile(ctx.core, ctx.actor, input)),
  me: userProcedure
    .input(NoInput)
    .output(Profile)
    .query(({ ctx }) => myProfile(ctx.core, ctx.actor)),
});

export const usersRouter = router({ profile: profileRouter });
