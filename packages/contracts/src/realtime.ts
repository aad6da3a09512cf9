import { z } from "zod";
import { Role } from "./conversations.ts";
import { Activity, EventMessage, Watermarks } from "./messages.ts";
import { Id, Time, WireText } from "./primitives.ts";
import { Profile } from "./users.ts";

function durable<T extends string, D extends z.ZodType>(type: T, data: D) {
  return z.object({
    type: z.literal(type),
    /** Its cursor. */
    id: z.string(),
    /** A conversation's id, or the user's own. */
    streamId: Id,
    /** Its place in the stream: ascending, with holes where an event is not for everybody. */
    eventSeq: z.int(),
    actorId: Id.nullable(),
    at: Time,
    data,
  });
}

function ephemeral<T extends string, D extends z.ZodType>(type: T, data: D) {
  return z.object({ type: z.literal(type), at: Time, data });
}

const ConversationNamed = z.object({ conversationId: Id });
const MemberNamed = z.object({ conversationId: Id, userId: Id, role: Role });
const CursorNamed = z.object({ cursor: z.string() });

/** Events of the log: each arrives once and in order, live or at resume. */
export const DurableEvent = z.discriminatedUnion("type", [
  durable("message.created", EventMessage),
  durable("message.updated", EventMessage),
  durable("message.deleted", EventMessage),
  durable("conversation.updated", ConversationNamed),
  durable("member.added", MemberNamed),
  durable("member.removed", MemberNamed),
  durable("member.updated", MemberNamed),
  durable("conversation.added", ConversationNamed),
  durable("conversation.removed", z.object({ conversationId: Id, reason: z.enum(["left", "removed"]) })),
  durable("conversation.read", z.object({ conversationId: Id, lastReadSeq: z.int() })),
  durable("user.updated", z.object({ profile: Profile })),
]);
export type DurableEvent = z.infer<typeof DurableEvent>;

/** Not in the log: they may be dropped under pressure, and the id of their frame is only the client's place. */
export const EphemeralEvent = z.discriminatedUnion("type", [
  /** First on every subscription; `cursor` is the client's own on resume, else the node's position. */
  ephemeral(
    "connection.ack",
    z.object({ connectionId: z.string(), serverTime: Time, cursor: z.string(), heartbeatMs: z.int() }),
  ),
  ephemeral("receipt.updated", Watermarks),
  /** "none" when it ends; never to the typist's own sockets. */
  ephemeral("typing.updated", z.object({ conversationId: Id, userId: Id, activity: Activity })),
  /** A session of this user ended, perhaps this one: then the socket is closed with 4403 right after. */
  ephemeral("session.revoked", z.object({ sessionId: Id })),
  /** What was missed cannot be given: list again, then go on live from `cursor`. */
  ephemeral("sync.reset", CursorNamed),
  /** So that the cursor of an idle client does not age. */
  ephemeral("cursor.advanced", CursorNamed),
]);
export type EphemeralEvent = z.infer<typeof EphemeralEvent>;

export const RealtimeEvent = z.union([DurableEvent, EphemeralEvent]);
export type RealtimeEvent = z.infer<typeof RealtimeEvent>;

/** As tRPC frames what is `tracked()`: `id` is the place up to which this subscription was given everything. */
export interface TrackedEvent {
  id: string;
  data: RealtimeEvent;
}

/** `epoch.position`. */
export const Cursor = WireText.max(128).regex(/^[A-Za-z0-9_-]+\.\d{1,16}$/, "Must read epoch.position");

/** `lastEventId`, which stock clients send by themselves, wins over `cursor`. Neither: live from now. */
export const SubscribeInput = z.strictObject({ cursor: Cursor.optional(), lastEventId: Cursor.nullish() }).prefault({});
export type SubscribeInput = z.infer<typeof SubscribeInput>;

/** A later token of the same user and session. */
export const RenewInput = z.strictObject({ token: WireText.min(1).max(4_096) });
export type RenewInput = z.infer<typeof RenewInput>;

export const RenewResult = z.object({ expiresAt: Time });
export type RenewResult = z.infer<typeof RenewResult>;

export const Pong = z.object({ serverTime: Time });
export type Pong = z.infer<typeof Pong>;
