import { z } from "zod";
import {
  AttachmentContent,
  CallContent,
  CustomContent,
  LocationContent,
  MessageType,
  mentionableText,
  PollContent,
  SystemContent,
  TextContent,
} from "./message-types.ts";
import { Id, Metadata, Seq, Time } from "./primitives.ts";
import { Profile } from "./users.ts";

/** Marks a piece of the text, in UTF-16 units as JavaScript, Java and Swift's NSString count them. */
export const Mention = z.strictObject({
  userId: z.union([Id, z.literal("all")]),
  offset: z.int().min(0),
  length: z.int().min(1),
});
export type Mention = z.infer<typeof Mention>;

/** The message that another one answers, as far as the reader may see it. */
export const Quote = z.object({
  messageId: Id,
  seq: z.int(),
  senderId: Id.nullable(),
  type: MessageType,
  /** "" once the quoted message is deleted. */
  excerpt: z.string(),
});
export type Quote = z.infer<typeof Quote>;

const EventReaction = z.object({ emoji: z.string(), count: z.int() });
const Reaction = EventReaction.extend({ mine: z.boolean() });

const common = {
  id: Id,
  conversationId: Id,
  /** Its place in the conversation: 1, 2, 3 ... without a hole. */
  seq: z.int(),
  clientMessageId: z.string().nullable(),
  /** Null for a system message, and once the sender's account is erased. */
  senderId: Id.nullable(),
  replyTo: Quote.nullable(),
  threadRootId: Id.nullable(),
  threadCount: z.int(),
  mentions: z.array(Mention),
  metadata: z.record(z.string(), z.unknown()),
  version: z.int(),
  createdAt: Time,
  editedAt: Time.nullable(),
  /** Set together with `content: null`. */
  deletedAt: Time.nullable(),
};

/** The message as `reactions` decides: read by one person, or framed once for all. */
function messageWith<R extends z.ZodType>(reaction: R) {
  const base = { ...common, reactions: z.array(reaction) };
  return z.discriminatedUnion("type", [
    z.object({ ...base, type: z.literal("text"), content: TextContent.nullable() }),
    z.object({ ...base, type: z.literal("attachment"), content: AttachmentContent.nullable() }),
    z.object({ ...base, type: z.literal("poll"), content: PollContent.nullable() }),
    z.object({ ...base, type: z.literal("call"), content: CallContent.nullable() }),
    z.object({ ...base, type: z.literal("location"), content: LocationContent.nullable() }),
    z.object({ ...base, type: z.literal("custom"), content: CustomContent.nullable() }),
    z.object({ ...base, type: z.literal("system"), content: SystemContent.nullable() }),
  ]);
}

export const Message = messageWith(Reaction);
export type Message = z.infer<typeof Message>;

/** A message in an event: one frame serves everybody, so a reaction does not say whether it is the reader's own. */
export const EventMessage = messageWith(EventReaction);
export type EventMessage = z.infer<typeof EventMessage>;

/** Chosen by the sender, once per message, whatever the number of tries. */
export const ClientMessageId = z.string().regex(/^[\x21-\x7e]{1,64}$/, "Must be 1 to 64 visible ASCII characters");

const send = {
  conversationId: Id,
  clientMessageId: ClientMessageId,
  replyToId: Id.optional(),
  threadRootId: Id.optional(),
  mentions: z.array(Mention).max(100).optional(),
  metadata: Metadata.optional(),
};

/** Polls and calls come by their own procedures, system messages from the server alone. */
export const SendMessageInput = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({ ...send, type: z.literal("text"), content: TextContent }),
      z.strictObject({ ...send, type: z.literal("attachment"), content: AttachmentContent }),
      z.strictObject({ ...send, type: z.literal("location"), content: LocationContent }),
      z.strictObject({ ...send, type: z.literal("custom"), content: CustomContent }),
    ],
    { error: "Must be text, attachment, location or custom" },
  )
  .superRefine(({ content, mentions = [] }, ctx) => {
    const end = mentionableText(content).length;
    for (const [index, { offset, length }] of mentions.entries()) {
      if (offset + length <= end) continue;
      ctx.addIssue({ code: "custom", message: "Lies outside the text", path: ["mentions", index] });
    }
  });
export type SendMessageInput = z.infer<typeof SendMessageInput>;

/** No anchor: the newest. beforeSeq and afterSeq exclude their message, aroundSeq has it in the middle. */
export const ListMessagesInput = z
  .strictObject({
    conversationId: Id,
    beforeSeq: Seq.optional(),
    afterSeq: Seq.optional(),
    aroundSeq: Seq.optional(),
    limit: z.int().min(1).max(200).default(50),
  })
  .refine(
    ({ beforeSeq, afterSeq, aroundSeq }) => [beforeSeq, afterSeq, aroundSeq].filter((s) => s !== undefined).length <= 1,
    "Give at most one of beforeSeq, afterSeq and aroundSeq",
  );
export type ListMessagesInput = z.infer<typeof ListMessagesInput>;

/** Ascending by seq; `profiles` are of everyone named on the page. */
export const MessagePage = z.object({
  items: z.array(Message),
  profiles: z.array(Profile),
  hasMoreBefore: z.boolean(),
  hasMoreAfter: z.boolean(),
});
export type MessagePage = z.infer<typeof MessagePage>;

export const GetMessageInput = z.strictObject({ messageId: Id });
export type GetMessageInput = z.infer<typeof GetMessageInput>;

/** "I have got, or read, everything up to and with `seq`." Stale ones succeed and change nothing. */
export const MarkInput = z.strictObject({ conversationId: Id, seq: Seq });
export type MarkInput = z.infer<typeof MarkInput>;

/** How far a person got; read implies delivered. */
export const Watermarks = z.object({
  conversationId: Id,
  userId: Id,
  lastDeliveredSeq: z.int(),
  lastReadSeq: z.int(),
});
export type Watermarks = z.infer<typeof Watermarks>;

export const Activity = z.enum(["typing", "recording", "none"]);
export type Activity = z.infer<typeof Activity>;

/** Ends by itself after 3 s: repeat it while it lasts. */
export const TypingInput = z.strictObject({ conversationId: Id, activity: Activity });
export type TypingInput = z.infer<typeof TypingInput>;

export const MessageStatusInput = z.strictObject({ messageId: Id });
export type MessageStatusInput = z.infer<typeof MessageStatusInput>;

/** Of everyone to whom the message was delivered or will be, without its sender. */
export const MessageStatus = z.object({
  recipients: z.array(
    z.object({
      userId: Id,
      state: z.enum(["sent", "delivered", "read"]),
      /** Of the first acknowledgement. */
      deliveredAt: Time.nullable(),
      readAt: Time.nullable(),
    }),
  ),
});
export type MessageStatus = z.infer<typeof MessageStatus>;
