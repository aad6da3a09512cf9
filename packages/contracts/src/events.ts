import { z } from "zod";
import { Role } from "./conversations.ts";
import { Id } from "./primitives.ts";
import type { DurableEvent } from "./realtime.ts";

/** What the log keeps beside the ids of an event, and consumers get: never text, titles or names. */
interface EventRow {
  topic: "messages" | "user.registered";
  /** Order holds among events of one key. */
  key: "streamId";
  /** What `refId` names; null when there is none. */
  ref: "message" | "conversation" | "user" | null;
  payload: z.ZodType;
  /** False: for consumers alone. */
  isSentToClients: boolean;
}

const nothing = z.null();
const MemberChange = z.object({ userId: Id, role: Role });

const forClients = { topic: "messages", key: "streamId", isSentToClients: true } as const;
const forConsumers = { key: "streamId", isSentToClients: false } as const;

/** Every event of the log. */
export const eventCatalogue = {
  "user.registered": { ...forConsumers, topic: "user.registered", ref: "user", payload: nothing },
  "conversation.created": { ...forConsumers, topic: "messages", ref: "conversation", payload: nothing },
  "message.created": { ...forClients, ref: "message", payload: nothing },
  "message.updated": { ...forClients, ref: "message", payload: z.object({ eventSeq: z.int() }) },
  "message.deleted": { ...forClients, ref: "message", payload: z.object({ eventSeq: z.int() }) },
  "conversation.updated": { ...forClients, ref: "conversation", payload: nothing },
  "member.added": { ...forClients, ref: null, payload: MemberChange },
  "member.removed": { ...forClients, ref: null, payload: MemberChange },
  "member.updated": { ...forClients, ref: null, payload: MemberChange },
  /** `spanFrom`: the event_seq from which the conversation's events are this person's. */
  "conversation.added": {
    ...forClients,
    ref: "conversation",
    payload: z.object({ conversationId: Id, spanFrom: z.int() }),
  },
  "conversation.removed": {
    ...forClients,
    ref: "conversation",
    payload: z.object({ conversationId: Id, reason: z.enum(["left", "removed"]) }),
  },
  "conversation.read": {
    ...forClients,
    ref: "conversation",
    payload: z.object({ conversationId: Id, lastReadSeq: z.int() }),
  },
  "user.updated": { ...forClients, ref: "user", payload: nothing },
} as const satisfies Record<DurableEvent["type"] | "user.registered" | "conversation.created", EventRow>;

export type EventName = keyof typeof eventCatalogue;
export type EventPayload<N extends EventName> = z.infer<(typeof eventCatalogue)[N]["payload"]>;
