import type { EventMessage, Message, Profile } from "@echo/contracts";
import type { Outgoing } from "./outgoing.ts";
import type { Tick } from "./watermarks.ts";

type Unsent<M> = M extends Message ? Omit<M, "id" | "seq"> & { id: null; seq: null } : never;

/** What a list shows of a message beside the message itself. */
interface Shown {
  /** For React: the same from the moment of sending on. */
  key: string;
  isMine: boolean;
  /** Null until it is known, for system messages, and once the sender's account is erased. */
  sender: Profile | null;
  /** How far a message of one's own got, in a group: with every member; null for messages of others. */
  state: "sending" | "failed" | Tick | null;
  /** Why sending failed. */
  error: unknown;
}

/** A message of a conversation, or one on its way there: without `id` and `seq` until the server has it. */
export type ShownMessage = Shown & (Message | Unsent<Message>);

interface Facts {
  userId: string | null;
  sender: Profile | null;
  tick: Tick;
}

const ownKey = (clientMessageId: string) => `own ${clientMessageId}`;

export function isOwn({ senderId }: Message, userId: string | null): boolean {
  return senderId !== null && senderId === userId;
}

export function showMessage(message: Message, { userId, sender, tick }: Facts): ShownMessage {
  const isMine = isOwn(message, userId);
  const key = isMine && message.clientMessageId !== null ? ownKey(message.clientMessageId) : message.id;
  return { ...message, key, isMine, sender, state: isMine ? tick : null, error: null };
}

export function showOutgoing({ input, at, state, error }: Outgoing, facts: Omit<Facts, "tick">): ShownMessage {
  const { clientMessageId, replyToId: _, mentions = [], metadata = {}, threadRootId = null, ...sent } = input;
  const message = {
    ...sent,
    clientMessageId,
    id: null,
    seq: null,
    senderId: facts.userId,
    replyTo: null,
    threadRootId,
    threadCount: 0,
    mentions,
    metadata,
    reactions: [],
    version: 0,
    createdAt: at,
    editedAt: null,
    deletedAt: null,
  };
  // The spread loses which content goes with which type; the input paired them.
  return { ...message, key: ownKey(clientMessageId), isMine: true, sender: facts.sender, state, error } as ShownMessage;
}

/** A message that came by the socket: its frame serves everybody, so it does not say which reactions are one's own. */
export function toMessage(event: EventMessage | Message): Message {
  const reactions = event.reactions.map((reaction) => ({ mine: false, ...reaction }));
  return { ...event, reactions };
}
