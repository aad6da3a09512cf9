import { z } from "zod";
import { Message } from "./messages.ts";
import { Id, Metadata, PageInput, pageOf, Time, textOf } from "./primitives.ts";
import { Profile, Username } from "./users.ts";

export const ConversationType = z.enum(["direct", "group", "channel"]);
export type ConversationType = z.infer<typeof ConversationType>;

export const Role = z.enum(["owner", "admin", "member"]);
export type Role = z.infer<typeof Role>;

/** What later members may read: everything, or what came while they were in. */
export const HistoryVisibility = z.enum(["all", "since_join"]);
export type HistoryVisibility = z.infer<typeof HistoryVisibility>;

export const Notify = z.enum(["all", "mentions", "none"]);
export type Notify = z.infer<typeof Notify>;

/** A conversation as the caller has it. */
export const Conversation = z.object({
  id: Id,
  type: ConversationType,
  title: z.string().nullable(),
  avatarUrl: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  memberCount: z.int(),
  lastSeq: z.int(),
  /** The last one that the caller may see. */
  lastMessage: Message.nullable(),
  mine: z.object({
    role: Role,
    /** Counts to 100 over the newest 1,000 messages: 100 means 100 or more. */
    unread: z.int(),
    unreadMentions: z.int(),
    lastReadSeq: z.int(),
    lastDeliveredSeq: z.int(),
    mutedUntil: Time.nullable(),
    archived: z.boolean(),
    pinned: z.boolean(),
    notify: Notify,
  }),
  /** The other person of a direct conversation. */
  other: Profile.optional(),
  createdAt: Time,
});
export type Conversation = z.infer<typeof Conversation>;

const People = <T extends z.ZodType>(item: T) => z.array(item).max(1_000).optional();

/** Duplicates and oneself are dropped. Direct: exactly one other, without title, metadata and visibility. */
export const CreateConversationInput = z
  .strictObject({
    type: ConversationType,
    memberIds: People(Id),
    usernames: People(Username),
    title: textOf(1, 200).optional(),
    historyVisibility: HistoryVisibility.optional(),
    metadata: Metadata.optional(),
  })
  .superRefine((input, ctx) => {
    if (input.type !== "direct") return;
    for (const key of ["title", "historyVisibility", "metadata"] as const) {
      if (input[key] === undefined) continue;
      ctx.addIssue({ code: "custom", message: `A direct conversation has no ${key}`, path: [key] });
    }
  });
export type CreateConversationInput = z.infer<typeof CreateConversationInput>;

/** Last activity first. */
export const ListConversationsInput = PageInput.prefault({});
export type ListConversationsInput = z.infer<typeof ListConversationsInput>;

export const ConversationPage = pageOf(Conversation).extend({ profiles: z.array(Profile) });
export type ConversationPage = z.infer<typeof ConversationPage>;

export const GetConversationInput = z.strictObject({ conversationId: Id });
export type GetConversationInput = z.infer<typeof GetConversationInput>;

export const Member = z.object({ userId: Id, role: Role, joinedAt: Time, profile: Profile });
export type Member = z.infer<typeof Member>;

export const ListMembersInput = PageInput.extend({ conversationId: Id });
export type ListMembersInput = z.infer<typeof ListMembersInput>;

export const MemberPage = pageOf(Member);
export type MemberPage = z.infer<typeof MemberPage>;

export const AddMembersInput = z.strictObject({ conversationId: Id, userIds: z.array(Id).min(1).max(100) });
export type AddMembersInput = z.infer<typeof AddMembersInput>;

export const AddMembersResult = z.object({ items: z.array(Member) });
export type AddMembersResult = z.infer<typeof AddMembersResult>;

export const RemoveMemberInput = z.strictObject({ conversationId: Id, userId: Id });
export type RemoveMemberInput = z.infer<typeof RemoveMemberInput>;

export const LeaveConversationInput = z.strictObject({ conversationId: Id });
export type LeaveConversationInput = z.infer<typeof LeaveConversationInput>;
