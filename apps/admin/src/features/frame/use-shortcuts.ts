"use client";

import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useRef } from "react";
import { pages } from "#navigation.ts";
import { singleKeys } from "#preferences/single-keys.ts";

/** How long after `g` the second key may come. */
const sequenceMs = 1_500;

interface Shortcuts {
  onPalette(): void;
  onHelp(): void;
}

/** Ctrl-K or Cmd-K everywhere; `?` and `g` plus a page's key wherever nothing is typed into. */
export function useShortcuts({ onPalette, onHelp }: Shortcuts): void {
  const router = useRouter();
  const areSingleKeysOn = singleKeys.use() === "on";
  const prefixAt = useRef(Number.NEGATIVE_INFINITY);
  const onSingleKey = (key: string, at: number): boolean => {
    const isSecond = at - prefixAt.current < sequenceMs;
    prefixAt.current = key === "g" && !isSecond ? at : Number.NEGATIVE_INFINITY;
    if (key === "?") onHelp();
    const page = isSecond ? pages.find((each) => each.key === key) : undefined;
    if (page) router.push(page.path);
    return key === "?" || page !== undefined;
  };
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (isPaletteKey(event)) {
      event.preventDefault();
      onPalette();
      return;
    }
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!areSingleKeysOn || !isPlain || isTakenByOthers(event.target)) return;
    if (onSingleKey(event.key, event.timeStamp)) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKeyDown(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}

const isPaletteKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean =>
  (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === "k";

/** Inputs take letters, menus find their items by them, and over a dialog the page rests. */
function isTakenByOthers(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]") !== null
  );
}
