import type { Message } from "@echo/contracts";
import type { StoreContext } from "./context.ts";
import type { MessageWindow } from "./message-window.ts";
import { isOwn, type ShownMessage, showMessage, showOutgoing } from "./shown-message.ts";
import type { Tick } from "./watermarks.ts";

/** What a component sees of a conversation's messages. */
export interface MessagesSnapshot {
  /** "failed": the conversation is not there for this person, and `error` says so. */
  status: "loading" | "ready" | "failed";
  /** Of the last load that failed for good; null when none did since. */
  error: unknown;
  /** Ascending, each once; what is not sent yet stands last. */
  messages: readonly ShownMessage[];
  hasOlder: boolean;
  hasNewer: boolean;
  isLoadingOlder: boolean;
  isLoadingNewer: boolean;
}

export const noMessages: MessagesSnapshot = {
  status: "loading",
  error: null,
  messages: [],
  hasOlder: false,
  hasNewer: false,
  isLoadingOlder: false,
  isLoadingNewer: false,
};

interface Loads {
  error: unknown;
  loading: { older: boolean; newer: boolean };
  tickOf(message: Message): Tick;
}

/** Turns what is held into what is shown; what did not change stays the same object. */
export class MessageRows {
  readonly #context: StoreContext;
  readonly #conversationId: string;
  readonly #shown = new WeakMap<object, ShownMessage>();
  #last = noMessages;

  constructor(context: StoreContext, conversationId: string) {
    this.#context = context;
    this.#conversationId = conversationId;
  }

  snapshot(window: MessageWindow | null, { error, loading, tickOf }: Loads): MessagesSnapshot {
    const messages = [
      ...(window?.items ?? []).map((message) => this.#showMessage(message, tickOf(message))),
      ...this.#showOutgoing(window),
    ];
    const next: MessagesSnapshot = {
      status: window ? "ready" : error === null ? "loading" : "failed",
      error,
      messages: isSame(messages, this.#last.messages) ? this.#last.messages : messages,
      hasOlder: window?.hasOlder ?? false,
      hasNewer: window?.hasNewer ?? false,
      isLoadingOlder: loading.older,
      isLoadingNewer: loading.newer,
    };
    if (!isSame(Object.values(next), Object.values(this.#last))) this.#last = next;
    return this.#last;
  }

  #showMessage(message: Message, tick: Tick): ShownMessage {
    const { userId, people } = this.#context;
    const sender = people.find(message.senderId);
    const shown = this.#shown.get(message);
    const isMine = isOwn(message, userId);
    if (shown?.sender === sender && shown.isMine === isMine && (!isMine || shown.state === tick)) return shown;
    const fresh = showMessage(message, { userId, sender, tick });
    this.#shown.set(message, fresh);
    return fresh;
  }

  /** Last, so only below the newest; one that came by the socket before its answer is there already. */
  #showOutgoing(window: MessageWindow | null): ShownMessage[] {
    const { outgoing, people, userId } = this.#context;
    const waiting = outgoing.listOf(this.#conversationId);
    if (waiting.length === 0 || window?.hasNewer) return [];
    const own = (window?.items ?? []).filter((message) => isOwn(message, userId));
    const arrived = new Set(own.map(({ clientMessageId }) => clientMessageId));
    const sender = people.find(userId);
    return waiting
      .filter(({ clientMessageId }) => !arrived.has(clientMessageId))
      .map((each) => {
        const shown = this.#shown.get(each);
        if (shown?.sender === sender && shown.senderId === userId) return shown;
        const fresh = showOutgoing(each, { userId, sender });
        this.#shown.set(each, fresh);
        return fresh;
      });
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]));
}
