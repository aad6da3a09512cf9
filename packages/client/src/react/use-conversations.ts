import { useMemo } from "react";
import { storesOf } from "../stores/client-stores.ts";
import type { ConversationsSnapshot } from "../stores/conversations-store.ts";
import { useEcho } from "./echo-provider.tsx";
import { useSharedStore } from "./use-shared-store.ts";

export interface UseConversations extends ConversationsSnapshot {
  /** Loads the next page; does nothing when there is none, or when it is on its way. */
  loadMore(): Promise<void>;
}

/** The conversations of whoever is signed in, last activity first, with what is unread: live. */
export function useConversations(): UseConversations {
  const { conversations } = storesOf(useEcho());
  const snapshot = useSharedStore(conversations, "");
  return useMemo(() => {
    const loadMore = async () => conversations.find("")?.loadMore();
    return { ...snapshot, loadMore };
  }, [conversations, snapshot]);
}
