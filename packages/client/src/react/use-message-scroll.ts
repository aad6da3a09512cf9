import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { ScrollKeeper } from "./scroll-keeper.ts";
import type { UseMessages } from "./use-messages.ts";

export interface UseMessageScroll {
  /** For the element that scrolls. Its rows carry `data-key={message.key}`; it is positioned, and anchors no scroll. */
  ref(element: HTMLElement | null): void;
  /** Whether the reader is at the newest message: then the list follows, and marks what comes as read. */
  isAtEnd: boolean;
  /** Whether something came while the reader was elsewhere. */
  hasUnseen: boolean;
  goToEnd(): void;
}

/** A server has no layout to have effects on, and React would say so. */
const useBrowserLayoutEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

/**
 * Keeps a list of messages where its reader is: at the end while he is there, else at the message that he looks at, also
 * when pages come in above it. Loads pages as they are neared, and marks as read what is seen at the end.
 *
 * @example
 * const conversation = useMessages(conversationId);
 * const { ref, isAtEnd, goToEnd } = useMessageScroll(conversation);
 * // <div ref={ref} style={{ position: "relative", overflowY: "auto", overflowAnchor: "none" }}>
 * //   {conversation.messages.map((message) => <p key={message.key} data-key={message.key}>…</p>)}
 */
export function useMessageScroll(conversation: UseMessages): UseMessageScroll {
  const [list, ref] = useState<HTMLElement | null>(null);
  const keeper = useMemo(() => list && new ScrollKeeper(list), [list]);
  /** The last message when the reader left the end; null while he is there. */
  const [leftAt, setLeftAt] = useState<string | null>(null);
  const { messages, hasNewer, goToNewest } = conversation;
  const isAtEnd = leftAt === null;
  const lastKey = messages.at(-1)?.key ?? "";
  const shownLast = useRef(lastKey);

  useBrowserLayoutEffect(() => {
    shownLast.current = lastKey;
    keeper?.show({ conversation, isAtEnd });
  }, [keeper, conversation, isAtEnd, lastKey]);

  useEffect(
    () => keeper?.watch((isNowAtEnd) => setLeftAt((key) => (isNowAtEnd ? null : (key ?? shownLast.current)))),
    [keeper],
  );

  const goToEnd = useCallback(() => {
    setLeftAt(null);
    void goToNewest();
  }, [goToNewest]);

  return { ref, isAtEnd, hasUnseen: !isAtEnd && (hasNewer || leftAt !== lastKey), goToEnd };
}
