import {
  Empty,
  GetMessageInput,
  ListMessagesInput,
  MarkInput,
  Message,
  MessagePage,
  MessageStatus,
  MessageStatusInput,
  SendMessageInput,
  TypingInput,
  Watermarks,
} from "@echo/contracts";
import {
  getMessage,
  listMessages,
  markDelivered,
  markRead,
  messageStatus,
  sendMessage,
  setTyping,
} from "@echo/core/messages";
import { router, userProcedure } from "../trpc.ts";

export const messagesRouter = router({
  send: userProcedure
    .input(SendMessageInput)
    .output(Message)
    .mutation(({ ctx, input }) => sendMessage(ctx.core, ctx.actor, input)),
  list: userProcedure
    .input(ListMessagesInput)
    .output(MessagePage)
    .query(({ ctx, input }) => listMessages(ctx.core, ctx.actor, input)),
  get: userProcedure
    .input(GetMessageInput)
    .output(Message)
    .query(({ ctx, input }) => getMessage(ctx.core, ctx.actor, input)),
  markRead: userProcedure
    .input(MarkInput)
    .output(Watermarks)
    .mutation(({ ctx, input }) => markRead(ctx.core, ctx.actor, input)),
  markDelivered: userProcedure
    .input(MarkInput)
    .output(Watermarks)
    .mutation(({ ctx, input }) => markDelivered(ctx.core, ctx.actor, input)),
  typing: userProcedure
    .input(TypingInput)
    .output(Empty)
    .mutation(({ ctx, input }) => setTyping(ctx.core, ctx.actor, input)),
  status: userProcedure
    .input(MessageStatusInput)
    .output(MessageStatus)
    .query(({ ctx, input }) => messageStatus(ctx.core, ctx.actor, input)),
});
