import { type DurableEvent, eventCatalogue, type Profile } from "@echo/contracts";
import type { LoggedEvent } from "../event-log/index.ts";
import type { MessageBody } from "../messages/index.ts";

/** What a batch of events needs beside the log. */
export interface Bodies {
  messages: ReadonlyMap<string, MessageBody>;
  profiles: ReadonlyMap<string, Profile>;
}

type Type = DurableEvent["type"];
type DataOf<T extends Type> = Extract<DurableEvent, { type: T }>["data"];
type Table = { [T in Type]: (event: LoggedEvent, bodies: Bodies) => DataOf<T> | null };

/** The `data` of each event as clients get it; null when its body is gone. */
const dataOf: Table = {
  "message.created": messageOf,
  "message.updated": messageOf,
  "message.deleted": messageOf,
  "conversation.updated": ({ streamId }) => ({ conversationId: streamId }),
  "member.added": memberOf,
  "member.removed": memberOf,
  "member.updated": memberOf,
  "conversation.added": ({ data }) => {
    const payload = eventCatalogue["conversation.added"].payload.safeParse(data).data;
    return payload ? { conversationId: payload.conversationId } : null;
  },
  "conversation.removed": ({ data }) => eventCatalogue["conversation.removed"].payload.safeParse(data).data ?? null,
  "conversation.read": ({ data }) => eventCatalogue["conversation.read"].payload.safeParse(data).data ?? null,
  "user.updated": ({ streamId }, { profiles }) => {
    const profile = profiles.get(streamId);
    return profile ? { profile } : null;
  },
};

function messageOf({ refId }: LoggedEvent, { messages }: Bodies) {
  return messages.get(refId ?? "")?.message ?? null;
}

function memberOf({ streamId, data }: LoggedEvent) {
  const payload = eventCatalogue["member.added"].payload.safeParse(data).data;
  return payload ? { conversationId: streamId, ...payload } : null;
}

/** The event as clients get it; null: it is for consumers alone, of a later version, or its body is gone. */
export function toDurableEvent(logged: LoggedEvent, bodies: Bodies): DurableEvent | null {
  const { type, epoch, position, streamId, eventSeq, actorId, createdAt } = logged;
  if (!isDelivered(type)) return null;
  const data = dataOf[type](logged, bodies);
  if (data === null) return null;
  const at = createdAt.toISOString();
  const event = { type, id: `${epoch}.${position}`, streamId, eventSeq, actorId, at, data };
  return event as DurableEvent; // the table pairs type and data
}

const isDelivered = (type: string): type is Type => Object.hasOwn(dataOf, type);

/** For the queries that choose what clients get. */
export const deliveredTypes: readonly string[] = Object.keys(dataOf);
