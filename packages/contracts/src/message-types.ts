import { z } from "zod";
import { HttpsUrl, Id, jsonObjectOf, textOf, WireText } from "./primitives.ts";

/** What one type of message is; a new type does not compile until it has all of these. */
export interface MessageTypeRow<Content> {
  validation: z.ZodType<Content>;
  /** What a quote shows. */
  excerpt(content: Content): string;
  /** What search finds it by. */
  searchText(content: Content): string;
  notificationText(content: Content): string;
  /** For staff, who never see what people wrote. */
  consoleRow(content: Content): { label: string; detail: string };
}

const maxTextLength = 10_000;
const maxExcerptLength = 140;

export const Text = textOf(1, maxTextLength);

export const TextContent = z.strictObject({ text: Text });
export type TextContent = z.infer<typeof TextContent>;

const Pixels = z.int().min(1).max(100_000);

export const Attachment = z.strictObject({
  url: HttpsUrl,
  name: textOf(1, 255),
  /** As in Content-Type, without parameters. */
  mime: WireText.max(127).regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/, "Must be a media type"),
  bytes: z.int().min(0),
  width: Pixels.optional(),
  height: Pixels.optional(),
});
export type Attachment = z.infer<typeof Attachment>;

export const AttachmentContent = z.strictObject({
  text: Text.optional(),
  attachments: z.array(Attachment).min(1).max(10),
});
export type AttachmentContent = z.infer<typeof AttachmentContent>;

export const PollContent = z.strictObject({ pollId: Id });
export type PollContent = z.infer<typeof PollContent>;

export const CallContent = z.strictObject({ callId: Id });
export type CallContent = z.infer<typeof CallContent>;

export const LocationContent = z.strictObject({
  /** Degrees, WGS 84. */
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  label: textOf(1, 200).optional(),
});
export type LocationContent = z.infer<typeof LocationContent>;

export const CustomContent = z.strictObject({
  /** `vendor.name`: what the application's own clients know it by. */
  kind: WireText.max(100).regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/, "Must read vendor.name"),
  data: jsonObjectOf(16_384),
  /** What clients show that do not know the kind. */
  fallbackText: Text,
});
export type CustomContent = z.infer<typeof CustomContent>;

/** Written by the server only. */
export const SystemContent = z.strictObject({ event: z.string(), params: z.record(z.string(), z.unknown()) });
export type SystemContent = z.infer<typeof SystemContent>;

export interface ContentByType {
  text: TextContent;
  attachment: AttachmentContent;
  poll: PollContent;
  call: CallContent;
  location: LocationContent;
  custom: CustomContent;
  system: SystemContent;
}

export const MessageType = z.enum(["text", "attachment", "poll", "call", "location", "custom", "system"]);
export type MessageType = z.infer<typeof MessageType>;
export type MessageContent = ContentByType[MessageType];

const names = ({ attachments }: AttachmentContent) => attachments.map((attachment) => attachment.name).join(", ");
const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

export const messageTypes: { [T in MessageType]: MessageTypeRow<ContentByType[T]> } = {
  text: {
    validation: TextContent,
    excerpt: ({ text }) => text,
    searchText: ({ text }) => text,
    notificationText: ({ text }) => text,
    consoleRow: ({ text }) => ({ label: "Text", detail: count(text.length, "character") }),
  },
  attachment: {
    validation: AttachmentContent,
    excerpt: (content) => content.text ?? names(content),
    searchText: (content) => [content.text ?? "", names(content)].join(" ").trim(),
    notificationText: (content) => content.text ?? names(content),
    consoleRow: ({ attachments }) => ({ label: "Attachment", detail: count(attachments.length, "file") }),
  },
  poll: {
    validation: PollContent,
    excerpt: () => "Poll",
    searchText: () => "",
    notificationText: () => "Poll",
    consoleRow: ({ pollId }) => ({ label: "Poll", detail: pollId }),
  },
  call: {
    validation: CallContent,
    excerpt: () => "Call",
    searchText: () => "",
    notificationText: () => "Call",
    consoleRow: ({ callId }) => ({ label: "Call", detail: callId }),
  },
  location: {
    validation: LocationContent,
    excerpt: ({ label }) => label ?? "Location",
    searchText: ({ label }) => label ?? "",
    notificationText: ({ label }) => label ?? "Location",
    consoleRow: () => ({ label: "Location", detail: "" }),
  },
  custom: {
    validation: CustomContent,
    excerpt: ({ fallbackText }) => fallbackText,
    searchText: ({ fallbackText }) => fallbackText,
    notificationText: ({ fallbackText }) => fallbackText,
    consoleRow: ({ kind }) => ({ label: "Custom", detail: kind }),
  },
  system: {
    validation: SystemContent,
    excerpt: ({ event }) => event,
    searchText: () => "",
    notificationText: () => "",
    consoleRow: ({ event }) => ({ label: "System", detail: event }),
  },
};

function rowOf(type: MessageType): MessageTypeRow<MessageContent> {
  // The table pairs each type with its own content, which TypeScript cannot follow through an index.
  return messageTypes[type] as MessageTypeRow<MessageContent>;
}

/** One line of at most 140 code points; "" once the message is deleted. */
export function excerptOf(type: MessageType, content: MessageContent | null): string {
  if (content === null) return "";
  const line = [...rowOf(type).excerpt(content).replace(/\s+/gu, " ").trim()];
  return line.length > maxExcerptLength ? `${line.slice(0, maxExcerptLength - 1).join("")}…` : line.join("");
}

/** The text that a message's mentions point into; "" when it has none. */
export function mentionableText(content: MessageContent): string {
  return "text" in content ? (content.text ?? "") : "";
}
