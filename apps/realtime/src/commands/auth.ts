import { RenewInput, RenewResult } from "@echo/contracts";
import { procedure, router } from "../trpc.ts";

export const authRouter = router({
  renew: procedure
    .input(RenewInput)
    .output(RenewResult)
    .mutation(async ({ ctx, input }) => ({ expiresAt: (await ctx.renew(input.token)).expiresAt.toISOString() })),
});
