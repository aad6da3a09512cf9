import { ConversationSignal, conversationChannel } from "@echo/core";
import type { Subscription as BusSubscription } from "@echo/platform";
import { giveSignal } from "./ephemeral.ts";
import type { Node } from "./node.ts";
import type { Typists } from "./typists.ts";

/** docs/from-the-design.md: what the bus brought and was not fanned out. */
const maxWaiting = 1_024;

/** Brings what is not in the log (typing, receipts) from the bus to the sockets of a conversation's members. */
export class Signals {
  readonly #node: Node;
  readonly #typists: Typists;
  readonly #onOverflow: () => void;
  readonly #channels = new Map<string, Promise<BusSubscription | null>>();
  /** Could not be subscribed to: tried again when the bus is back. */
  readonly #lost = new Set<string>();
  readonly #stopListening: () => void;
  #waiting: { conversationId: string; signal: ConversationSignal }[] = [];

  /** @param onOverflow more came than could be given out: it was dropped, and the log has to be looked at */
  constructor(node: Node, typists: Typists, onOverflow: () => void) {
    this.#node = node;
    this.#typists = typists;
    this.#onOverflow = onOverflow;
    this.#stopListening = node.core.bus.onReconnect(() => {
      for (const conversationId of this.#lost) this.follow(conversationId, true);
    });
  }

  stop(): void {
    this.#stopListening();
    this.#typists.clear();
    for (const conversationId of this.#channels.keys()) this.follow(conversationId, false);
  }

  /** Somebody here is in this conversation, or nobody is any more. */
  follow(conversationId: string, isHere: boolean): void {
    this.#lost.delete(conversationId);
    if (isHere) return void this.#channels.set(conversationId, this.#subscribe(conversationId));
    const subscribing = this.#channels.get(conversationId);
    this.#channels.delete(conversationId);
    void subscribing?.then((subscription) => subscription?.unsubscribe()).catch((error: unknown) => this.#warn(error));
  }

  async #subscribe(conversationId: string): Promise<BusSubscription | null> {
    try {
      const { bus } = this.#node.core;
      return await bus.subscribe(conversationChannel(conversationId), (payload) => this.#take(conversationId, payload));
    } catch (error) {
      this.#warn(error);
      if (this.#channels.has(conversationId)) this.#lost.add(conversationId);
      return null;
    }
  }

  #take(conversationId: string, payload: unknown): void {
    const signal = ConversationSignal.safeParse(payload);
    if (!signal.success) return; // of a newer version
    if (this.#waiting.length >= maxWaiting) {
      this.#waiting = [];
      this.#onOverflow();
    }
    if (this.#waiting.push({ conversationId, signal: signal.data }) === 1) setImmediate(() => this.#give());
  }

  #give(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { conversationId, signal } of waiting) {
      const { event, exceptUserId } = signal;
      const isNews = event.type !== "typing.updated" || this.#typists.hear(event.data, event.data.activity);
      if (isNews) giveSignal(this.#node, conversationId, { event, exceptUserId });
    }
  }

  #warn(error: unknown): void {
    this.#node.core.logger.warn("typing and receipts of a conversation cannot be followed", { error });
  }
}
