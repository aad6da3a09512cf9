import type { Activity } from "@echo/contracts";
import { useCallback, useMemo } from "react";
import { storesOf } from "../stores/client-stores.ts";
import type { Typist } from "../stores/typing-store.ts";
import { useEcho } from "./echo-provider.tsx";
import { useSharedStore } from "./use-shared-store.ts";

export interface UseTyping {
  /** Who types now, but oneself. */
  typists: readonly Typist[];
  /** To be called with every stroke: the others are told as often as is needed. False: that it ended. */
  setTyping(activity: boolean | Activity): void;
}

/** Who types in a conversation. */
export function useTyping(conversationId: string): UseTyping {
  const { typing } = storesOf(useEcho());
  const typists = useSharedStore(typing, conversationId);
  const setTyping = useCallback(
    (activity: boolean | Activity) => {
      typing.find(conversationId)?.tell(activity === true ? "typing" : activity || "none");
    },
    [typing, conversationId],
  );
  return useMemo(() => ({ typists, setTyping }), [typists, setTyping]);
}
