import type { LoggedEvent } from "@echo/core/event-log";
import type { Delivery, Membership, MembershipChange } from "@echo/core/sync";
import { closeSpan, covers, isMember, openSpan } from "./spans.ts";

export type Verdict = "event" | "withoutQuote" | "no";
type Given = Exclude<Verdict, "no">;

/** What this person receives of an event; `membership` undefined: the hub knows of none. */
export type Judge = (delivery: Delivery, userId: string, membership: Membership | undefined) => Verdict;

/** Somebody who is being written to. The hub tests his place and moves it. */
export interface Subscriber {
  /** The position up to which he has been given everything; never goes back. */
  cursor: number;
  /** Gone; he may go while an event is being given out. */
  isOver: boolean;
}

/** A delivery as the node keeps it. */
export interface Held {
  readonly delivery: Delivery;
}

/** A person who has a socket on this node. */
export interface LocalUser<S extends Subscriber> {
  readonly id: string;
  /** His subscriptions that have caught up; replaced, not changed: it may be in use. */
  live: readonly S[];
  readonly members: Map<string, Member<S>>;
  /** Null once the memberships were read; until then what the log says of them, to be applied on top. */
  recorded: MembershipChange[] | null;
  /** How many subscriptions, attaching or live, need him here. */
  holders: number;
}

interface Member<S extends Subscriber> {
  readonly user: LocalUser<S>;
  readonly membership: Membership;
}

interface LocalConversation<S extends Subscriber> {
  readonly members: Map<string, Member<S>>;
  /** How many of them are members at present. */
  present: number;
}

export interface HubOptions {
  judge: Judge;
  /** How many of the last deliveries are kept for those who attach. */
  ringSize: number;
  /** A conversation got its first present member on this node, or lost its last. */
  onConversation(conversationId: string, isHere: boolean): void;
}

/** What somebody who attaches finds in the ring; everything up to `upTo` was looked at. */
export interface Missed<H extends Held> {
  items: { held: H; verdict: Given }[];
  upTo: number;
}

export type Deliver<S extends Subscriber, H extends Held> = (to: S, held: H, verdict: Given) => void;

/** Who is here, and what of the log each of them gets. Pure: no I/O and no clock; each call is one synchronous step. */
export class Hub<S extends Subscriber, H extends Held> {
  epoch = "";
  /** Everything up to here was given out. */
  position = 0;
  /** Changes at each reset: what was begun before has to begin again. */
  generation = 0;
  readonly #options: HubOptions;
  readonly #users = new Map<string, LocalUser<S>>();
  readonly #conversations = new Map<string, LocalConversation<S>>();
  #ring: H[] = [];
  /** The ring knows everything after this position. */
  #ringFrom = 0;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Goes to another place, or to another log. Memberships must be read again; answers who was live. */
  reset(epoch: string, position: number): S[] {
    const wereLive: S[] = [];
    for (const user of this.#users.values()) {
      wereLive.push(...user.live);
      user.live = [];
      this.#forgetMembers(user);
      user.recorded = [];
    }
    this.generation += 1;
    this.epoch = epoch;
    this.position = position;
    this.#ring = [];
    this.#ringFrom = position;
    return wereLive;
  }

  /** From now on this person's own stream is local, and what the log says of his memberships is recorded. */
  enter(userId: string): LocalUser<S> {
    const known = this.#users.get(userId);
    const user = known ?? { id: userId, live: [], members: new Map(), recorded: [], holders: 0 };
    if (!known) this.#users.set(userId, user);
    user.holders += 1;
    return user;
  }

  /** This subscription has caught up: from now on it gets what comes. */
  goLive(user: LocalUser<S>, subscriber: S): void {
    user.live = [...user.live, subscriber];
  }

  endLive(user: LocalUser<S>, subscriber: S): void {
    user.live = user.live.filter((other) => other !== subscriber);
  }

  leave(user: LocalUser<S>): void {
    user.holders -= 1;
    if (user.holders > 0) return;
    this.#forgetMembers(user);
    this.#users.delete(user.id);
  }

  /** Takes what the database says, then what the log said since `enter`: either may be ahead of the other. */
  load(user: LocalUser<S>, memberships: readonly Membership[]): void {
    const recorded = user.recorded ?? [];
    user.recorded = null;
    this.#forgetMembers(user);
    for (const membership of memberships) this.#register(user, membership);
    for (const change of recorded) this.#apply(user, change);
  }

  hasUser(userId: string): boolean {
    return this.#users.has(userId);
  }

  /** True when somebody here is or was in it. */
  hasConversation(conversationId: string): boolean {
    return this.#conversations.has(conversationId);
  }

  /** Which of these events somebody here may need, joins within the batch included: the others' bodies are not read. */
  wanted(events: readonly LoggedEvent[]): LoggedEvent[] {
    const joining = new Set<string>();
    return events.filter((event) => {
      const { userId, conversationId } = event.data ?? {};
      const isAboutLocal = typeof userId === "string" && this.#users.has(userId);
      const isOwn = this.#users.has(event.streamId);
      if (isAboutLocal) joining.add(event.streamId);
      if (isOwn && typeof conversationId === "string") joining.add(conversationId);
      return isOwn || isAboutLocal || joining.has(event.streamId) || this.#isCovered(event);
    });
  }

  /** What this person receives of an event, wherever it was read. */
  judge(delivery: Delivery, user: LocalUser<S>): Verdict {
    return this.#judge(delivery, user, user.members.get(delivery.streamId)?.membership);
  }

  /** The log's next event; null: nobody here needs it. Answers how many got it. */
  advance(position: number, held: H | null, deliver: Deliver<S, H>): number {
    const delivered = held ? this.#give(held, deliver) : 0;
    this.position = position;
    return delivered;
  }

  /** What this person gets of the events after `after`, at most `limit`; null when the ring does not reach back so far. */
  missed(user: LocalUser<S>, after: number, limit: number): Missed<H> | null {
    if (after < this.#ringFrom) return null;
    const items: Missed<H>["items"] = [];
    for (const held of this.#ring) {
      const { delivery } = held;
      if (delivery.position <= after) continue;
      const verdict = this.judge(delivery, user);
      if (verdict === "no") continue;
      if (items.length === limit) return { items, upTo: delivery.position - 1 };
      items.push({ held, verdict });
    }
    return { items, upTo: this.position };
  }

  /** An ephemeral event goes to those who are members now; not to who has been given more than this node knows. */
  signal(conversationId: string, exceptUserId: string | null, deliver: (to: S) => void): void {
    for (const { user, membership } of this.#conversations.get(conversationId)?.members.values() ?? []) {
      if (user.id === exceptUserId || !isMember(membership.spans)) continue;
      for (const subscriber of user.live) {
        if (subscriber.isOver || subscriber.cursor > this.position) continue;
        deliver(subscriber);
        subscriber.cursor = this.position;
      }
    }
  }

  #give(held: H, deliver: Deliver<S, H>): number {
    const { membership } = held.delivery;
    if (membership?.change === "joined") this.#change(membership);
    const delivered = this.#deliver(held, deliver);
    if (membership?.change === "left") this.#change(membership);
    this.#keep(held);
    return delivered;
  }

  #deliver(held: H, deliver: Deliver<S, H>): number {
    const { streamId } = held.delivery;
    const owner = this.#users.get(streamId);
    if (owner) return this.#deliverTo(held, { user: owner, membership: undefined }, deliver);
    let delivered = 0;
    for (const member of this.#conversations.get(streamId)?.members.values() ?? []) {
      delivered += this.#deliverTo(held, member, deliver);
    }
    return delivered;
  }

  #deliverTo(held: H, to: { user: LocalUser<S>; membership: Membership | undefined }, deliver: Deliver<S, H>): number {
    const { delivery } = held;
    if (to.user.live.length === 0) return 0;
    const verdict = this.#judge(delivery, to.user, to.membership);
    if (verdict === "no") return 0;
    let delivered = 0;
    for (const subscriber of to.user.live) {
      if (subscriber.isOver || delivery.position <= subscriber.cursor) continue;
      subscriber.cursor = delivery.position;
      deliver(subscriber, held, verdict);
      delivered += 1;
    }
    return delivered;
  }

  #judge(delivery: Delivery, user: LocalUser<S>, membership: Membership | undefined): Verdict {
    return delivery.event === null ? "no" : this.#options.judge(delivery, user.id, membership);
  }

  #keep(held: H): void {
    this.#ring.push(held);
    if (this.#ring.length < 2 * this.#options.ringSize) return;
    const dropped = this.#ring.splice(0, this.#options.ringSize).at(-1);
    this.#ringFrom = dropped?.delivery.position ?? this.#ringFrom;
  }

  #change(change: MembershipChange): void {
    const user = this.#users.get(change.userId);
    if (!user) return;
    if (user.recorded) user.recorded.push(change);
    else this.#apply(user, change);
  }

  #apply(user: LocalUser<S>, change: MembershipChange): void {
    if (change.change === "joined") {
      const { conversationId } = change.conversation;
      if (!user.members.has(conversationId)) this.#register(user, { ...change.conversation, spans: [] });
      this.#changeSpans(user, conversationId, (membership) => openSpan(membership.spans, change.eventSeq));
    } else {
      this.#changeSpans(user, change.conversationId, (membership) => closeSpan(membership.spans, change.eventSeq));
    }
  }

  #changeSpans(user: LocalUser<S>, conversationId: string, change: (membership: Membership) => void): void {
    const membership = user.members.get(conversationId)?.membership;
    if (!membership) return;
    const before = isMember(membership.spans);
    change(membership);
    this.#count(conversationId, Number(isMember(membership.spans)) - Number(before));
  }

  #register(user: LocalUser<S>, membership: Membership): void {
    const { conversationId } = membership;
    const conversation = this.#conversations.get(conversationId) ?? { members: new Map(), present: 0 };
    this.#conversations.set(conversationId, conversation);
    const member = { user, membership };
    user.members.set(conversationId, member);
    conversation.members.set(user.id, member);
    if (isMember(membership.spans)) this.#count(conversationId, 1);
  }

  #forgetMembers(user: LocalUser<S>): void {
    for (const [conversationId, { membership }] of user.members) {
      if (isMember(membership.spans)) this.#count(conversationId, -1);
      const conversation = this.#conversations.get(conversationId);
      conversation?.members.delete(user.id);
      if (conversation?.members.size === 0) this.#conversations.delete(conversationId);
    }
    user.members.clear();
  }

  #count(conversationId: string, by: number): void {
    const conversation = this.#conversations.get(conversationId);
    if (!conversation || by === 0) return;
    const wasHere = conversation.present > 0;
    conversation.present += by;
    if (conversation.present > 0 !== wasHere) this.#options.onConversation(conversationId, !wasHere);
  }

  #isCovered(event: LoggedEvent): boolean {
    for (const { membership } of this.#conversations.get(event.streamId)?.members.values() ?? []) {
      if (covers(membership.spans, event.eventSeq)) return true;
    }
    return false;
  }
}
