import {
  AddMembersInput,
  AddMembersResult,
  Conversation,
  ConversationPage,
  CreateConversationInput,
  Empty,
  GetConversationInput,
  LeaveConversationInput,
  ListConversationsInput,
  ListMembersInput,
  MemberPage,
  RemoveMemberInput,
  SyncInput,
  SyncResult,
} from "@echo/contracts";
import { createConversation, getConversation, listConversations } from "@echo/core/conversations";
import { addMembers, leaveConversation, listMembers, removeMember } from "@echo/core/membership";
import { syncEvents } from "@echo/core/sync";
import { router, userProcedure } from "../trpc.ts";

const membersRouter = router({
  list: userProcedure
    .input(ListMembersInput)
    .output(MemberPage)
    .query(({ ctx, input }) => listMembers(ctx.core, ctx.actor, input)),
  add: userProcedure
    .input(AddMembersInput)
    .output(AddMembersResult)
    .mutation(({ ctx, input }) => addMembers(ctx.core, ctx.actor, input)),
  remove: userProcedure
    .input(RemoveMemberInput)
    .output(Empty)
    .mutation(({ ctx, input }) => removeMember(ctx.core, ctx.actor, input)),
});

export const conversationsRouter = router({
  create: userProcedure
    .input(CreateConversationInput)
    .output(Conversation)
    .mutation(({ ctx, input }) => createConversation(ctx.core, ctx.actor, input)),
  list: userProcedure
    .input(ListConversationsInput)
    .output(ConversationPage)
    .query(({ ctx, input }) => listConversations(ctx.core, ctx.actor, input)),
  get: userProcedure
    .input(GetConversationInput)
    .output(Conversation)
    .query(({ ctx, input }) => getConversation(ctx.core, ctx.actor, input)),
  sync: userProcedure
    .input(SyncInput)
    .output(SyncResult)
    .query(({ ctx, input, signal }) => syncEvents(ctx.core, ctx.actor, { ...input, signal })),
  leave: userProcedure
    .input(LeaveConversationInput)
    .output(Empty)
    .mutation(({ ctx, input }) => leaveConversation(ctx.core, ctx.actor, input)),
  members: membersRouter,
});
