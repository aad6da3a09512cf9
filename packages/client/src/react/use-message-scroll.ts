import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
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

/** Pages are loaded this far, in pixels, before their place is seen. */
const nearPx = 400;
/** What a fraction of a pixel and a border make of "at the end". */
const atEndPx = 8;

/** The message at the top of what is seen, and where it stands. */
interface Held {
  key: string;
  top: number;
}

const useBrowserLayoutEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

/**
 * Keeps a list of messages where its reader is: at the end while he is there, else at the message that he looks at, also
 * when pages come in above it. Loads pages as they are neared, and marks as read what is seen at the end.
 * For the DOM; give `overflow-anchor: none` to the element.
 */
export function useMessageScroll(conversation: UseMessages): UseMessageScroll {
  const [list, ref] = useState<HTMLElement | null>(null);
  const held = useRef<Held | null>(null);
  /** The last message when the reader left the end; null while he is there. */
  const [leftAt, setLeftAt] = useState<string | null>(null);
  const { messages, hasNewer, goToNewest } = conversation;
  const lastKey = messages.at(-1)?.key ?? "";
  const isAtEnd = leftAt === null;

  const settle = useCallback(() => {
    if (!list || isHidden(list)) return;
    restore(list, isAtEnd ? null : held.current);
    // What does not fill the element cannot be scrolled to load more.
    if (list.scrollHeight <= list.clientHeight) void conversation.loadOlder();
    if (isAtEnd && !conversation.hasNewer && document.visibilityState === "visible") conversation.markRead();
  }, [list, isAtEnd, conversation]);

  const follow = useCallback(() => {
    if (!list || isHidden(list)) return;
    const below = list.scrollHeight - list.scrollTop - list.clientHeight;
    held.current = findTop(list);
    if (list.scrollTop < nearPx) void conversation.loadOlder();
    if (below < nearPx) void conversation.loadNewer();
    if (below < atEndPx && !conversation.hasNewer) setLeftAt(null);
    else if (below >= atEndPx) setLeftAt((key) => key ?? lastKey);
  }, [list, lastKey, conversation]);

  useBrowserLayoutEffect(settle, [settle]);

  useEffect(() => {
    if (!list) return;
    const observer = new ResizeObserver(settle);
    observer.observe(list);
    list.addEventListener("scroll", follow, { passive: true });
    document.addEventListener("visibilitychange", settle);
    return () => {
      observer.disconnect();
      list.removeEventListener("scroll", follow);
      document.removeEventListener("visibilitychange", settle);
    };
  }, [list, settle, follow]);

  const goToEnd = useCallback(() => {
    setLeftAt(null);
    void goToNewest();
  }, [goToNewest]);

  return { ref, isAtEnd, hasUnseen: !isAtEnd && (hasNewer || leftAt !== lastKey), goToEnd };
}

/** Nothing is seen of an element without height. */
const isHidden = (list: HTMLElement) => list.clientHeight === 0;

const rowsOf = (list: HTMLElement) => [...list.querySelectorAll<HTMLElement>("[data-key]")];

function findTop(list: HTMLElement): Held | null {
  const row = rowsOf(list).find(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > list.scrollTop);
  return row ? { key: row.dataset.key ?? "", top: row.offsetTop - list.scrollTop } : null;
}

/** To the row that was held; null: to the end. */
function restore(list: HTMLElement, held: Held | null): void {
  if (held === null) {
    list.scrollTop = list.scrollHeight;
    return;
  }
  const row = rowsOf(list).find(({ dataset }) => dataset.key === held.key);
  if (row) list.scrollTop = row.offsetTop - held.top;
}
