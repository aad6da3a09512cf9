import { EphemeralEvent } from "@echo/contracts";
import { z } from "zod";

// What processes tell each other on the bus; each channel has one shape, and a reader that does not know a `v` drops it.

/** Typing and receipts of one conversation. `exceptUserId`: never to the sockets of this user. */
export const conversationChannel = (conversationId: string): string => `conversation:${conversationId}`;
export const ConversationSignal = z.object({
  v: z.literal(1),
  event: EphemeralEvent,
  exceptUserId: z.uuid().nullable(),
});
export type ConversationSignal = z.infer<typeof ConversationSignal>;

/** Sessions that ended: every node closes their sockets and forgets what it cached of them. */
export const sessionsChannel = "sessions";
export const SessionsRevoked = z.object({ v: z.literal(1), userId: z.uuid(), sessionIds: z.array(z.uuid()) });
export type SessionsRevoked = z.infer<typeof SessionsRevoked>;

/** Each realtime node tells every 5 s who is connected to it, and once more when it goes. */
export const hubNodesChannel = "hub-nodes";
export const HubNodeSignal = z.object({
  v: z.literal(1),
  /** `host:port` of its public door. */
  name: z.string().max(300),
  sockets: z.int().min(0),
  users: z.int().min(0),
  isLeaving: z.boolean(),
});
export type HubNodeSignal = z.infer<typeof HubNodeSignal>;

/** Profiles that changed: every node forgets what it cached of them. */
export const profilesChannel = "profiles";
export const ProfilesChanged = z.object({ v: z.literal(1), userIds: z.array(z.uuid()) });
export type ProfilesChanged = z.infer<typeof ProfilesChanged>;
