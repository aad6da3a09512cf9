import type { SendMessageInput } from "@echo/contracts";
import { useMemo } from "react";
import { type ClientStores, storesOf } from "../stores/client-stores.ts";
import type { MessagesSnapshot } from "../stores/message-rows.ts";
import type { ShownMessage } from "../stores/shown-message.ts";
import { useEcho } from "./echo-provider.tsx";
import { useSharedStore } from "./use-shared-store.ts";

type InConversation<I> = I extends SendMessageInput ? Omit<I, "conversationId" | "clientMessageId"> : never;

/** What `send` takes: the words of a text message, or any message that clients may send. */
export type NewMessage = string | InConversation<SendMessageInput>;

interface MessageActions {
  /** Loads the page before the first, or after the last message; does nothing when there is none, or one is coming. */
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Shows the messages around a place, or the newest ones, instead. */
  goTo(seq: number): Promise<void>;
  goToNewest(): Promise<void>;
  /** Shows it at once as "sending", and sends it as soon as that can be; what is refused is shown as "failed". */
  send(message: NewMessage): void;
  /** Sends a failed message again. */
  retry(message: ShownMessage): void;
  /** Takes a failed message off the list. */
  discard(message: ShownMessage): void;
  /** Says that everything up to `seq`, or to the last message that is shown, was read. Nothing else says so. */
  markRead(seq?: number): void;
}

export interface UseMessages extends MessagesSnapshot, MessageActions {}

/**
 * The messages of a conversation, live: a window that grows in both directions and forgets what was scrolled past.
 *
 * @example
 * const { messages, send, loadOlder, markRead } = useMessages(conversationId);
 */
export function useMessages(conversationId: string): UseMessages {
  const stores = storesOf(useEcho());
  const snapshot = useSharedStore(stores.messages, conversationId);
  const actions = useMemo(() => createActions(stores, conversationId), [stores, conversationId]);
  return useMemo(() => ({ ...snapshot, ...actions }), [snapshot, actions]);
}

function createActions({ messages, outgoing, reads }: ClientStores, conversationId: string): MessageActions {
  const live = () => messages.find(conversationId);
  return {
    loadOlder: async () => live()?.loadOlder(),
    loadNewer: async () => live()?.loadNewer(),
    goTo: async (seq) => live()?.goTo(seq),
    goToNewest: async () => live()?.goToNewest(),
    send(message) {
      const content = typeof message === "string" ? { type: "text" as const, content: { text: message } } : message;
      outgoing.send({ ...content, conversationId });
      void live()?.goToNewest();
    },
    retry: ({ clientMessageId }) => void (clientMessageId && outgoing.retry(conversationId, clientMessageId)),
    discard: ({ clientMessageId }) => void (clientMessageId && outgoing.discard(conversationId, clientMessageId)),
    markRead(seq = live()?.lastSeq ?? 0) {
      reads.mark({ conversationId, seq });
    },
  };
}
