import { eventCatalogue } from "@echo/contracts";
import type { Core } from "../core.ts";
import type { LoggedEvent } from "../event-log/index.ts";
import { type MessageBody, readMessagesForEvents } from "../messages/index.ts";
import { readProfiles } from "../users/index.ts";
import type { Delivery, MembershipChange } from "./delivery.ts";
import { type Bodies, toDurableEvent } from "./event-data.ts";
import { type ConversationFacts, listConversationFacts } from "./repository.ts";

/**
 * Events with their bodies as they are now: one read per kind, whatever the number of events and receivers. What was
 * edited or erased since never comes back. In the order given, one delivery an event.
 * @throws DbError
 */
export async function hydrate(core: Core, events: readonly LoggedEvent[]): Promise<Delivery[]> {
  const [messages, profiles, facts] = await Promise.all([
    readMessages(core, events),
    readNamedProfiles(core, events),
    readFacts(core, events),
  ]);
  return events.map((logged) => toDelivery(logged, { messages, profiles }, facts));
}

function readMessages(core: Core, events: readonly LoggedEvent[]): Promise<Map<string, MessageBody>> {
  const ids = unique(events.flatMap(({ type, refId }) => (type.startsWith("message.") && refId ? [refId] : [])));
  return ids.length > 0 ? readMessagesForEvents(core.db, ids) : Promise.resolve(new Map());
}

function readNamedProfiles(core: Core, events: readonly LoggedEvent[]): Promise<Bodies["profiles"]> {
  const ids = unique(events.flatMap(({ type, streamId }) => (type === "user.updated" ? [streamId] : [])));
  return ids.length > 0 ? readProfiles(core.db, ids) : Promise.resolve(new Map());
}

/** Of the conversations that somebody joins. */
async function readFacts(core: Core, events: readonly LoggedEvent[]): Promise<Map<string, ConversationFacts>> {
  const ids = unique(events.flatMap((event) => joinOf(event)?.conversationId ?? []));
  const facts = ids.length > 0 ? await listConversationFacts(core.db, ids) : [];
  return new Map(facts.map((conversation) => [conversation.conversationId, conversation]));
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

function toDelivery(logged: LoggedEvent, bodies: Bodies, facts: ReadonlyMap<string, ConversationFacts>): Delivery {
  const { position, streamId, eventSeq, audienceUserId, loggedAt } = logged;
  const event = toDurableEvent(logged, bodies);
  const withoutQuote = event && withoutQuoteOf(event, bodies.messages.get(logged.refId ?? ""));
  const membership = changeOf(logged, facts);
  const aboutEventSeq = aboutOf(logged);
  return { position, streamId, eventSeq, aboutEventSeq, audienceUserId, loggedAt, event, withoutQuote, membership };
}

function withoutQuoteOf(event: NonNullable<Delivery["event"]>, body: MessageBody | undefined) {
  if (!body?.quote || !isAboutMessage(event)) return null;
  const variant = { ...event, data: { ...event.data, replyTo: null } };
  return { event: variant, quotedEventSeq: body.quote.eventSeq };
}

type MessageEvent = Extract<NonNullable<Delivery["event"]>, { type: `message.${string}` }>;
const isAboutMessage = (event: NonNullable<Delivery["event"]>): event is MessageEvent =>
  event.type.startsWith("message.");

/** A change to a message tells the event_seq of its creation; a creation is judged by its own. */
function aboutOf({ type, data }: LoggedEvent): number | null {
  if (type === "message.created" || !type.startsWith("message.")) return null;
  return eventCatalogue["message.updated"].payload.safeParse(data).data?.eventSeq ?? null;
}

interface Join {
  userId: string;
  conversationId: string;
  eventSeq: number;
}

/** Who is in a conversation from this event on: told on its own stream, and at its creation on the person's alone. */
function joinOf({ type, streamId, eventSeq, data }: LoggedEvent): Join | null {
  if (type === "member.added") {
    const payload = eventCatalogue[type].payload.safeParse(data).data;
    return payload ? { userId: payload.userId, conversationId: streamId, eventSeq } : null;
  }
  if (type === "conversation.added") {
    const payload = eventCatalogue[type].payload.safeParse(data).data;
    return payload ? { userId: streamId, conversationId: payload.conversationId, eventSeq: payload.spanFrom } : null;
  }
  return null;
}

function changeOf(logged: LoggedEvent, facts: ReadonlyMap<string, ConversationFacts>): MembershipChange | null {
  const join = joinOf(logged);
  if (join) {
    const conversation = facts.get(join.conversationId);
    return conversation ? { change: "joined", userId: join.userId, eventSeq: join.eventSeq, conversation } : null;
  }
  if (logged.type !== "member.removed") return null;
  const userId = eventCatalogue["member.removed"].payload.safeParse(logged.data).data?.userId;
  return userId ? { change: "left", userId, eventSeq: logged.eventSeq, conversationId: logged.streamId } : null;
}
