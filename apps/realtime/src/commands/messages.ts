import { Empty, MarkInput, TypingInput, Watermarks } from "@echo/contracts";
import { markDelivered, markRead, setTyping } from "@echo/core/messages";
import { procedure, router } from "../trpc.ts";

export const messagesRouter = router({
  markRead: procedure
    .input(MarkInput)
    .output(Watermarks)
    .mutation(({ ctx, input }) => markRead(ctx.core, ctx.actor, input)),
  markDelivered: procedure
    .input(MarkInput)
    .output(Watermarks)
    .mutation(({ ctx, input }) => markDelivered(ctx.core, ctx.actor, input)),
  typing: procedure
    .input(TypingInput)
    .output(Empty)
    .mutation(({ ctx, input }) => setTyping(ctx.core, ctx.actor, input)),
});
