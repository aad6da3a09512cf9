"use client";

import { useRef } from "react";

interface ReturnFocus {
  /** As a dialog opens, before it takes the focus. */
  remember(): void;
  /** As it closes. */
  giveBack(event: Event): void;
}

/** Radix gives the focus back to a dialog's trigger; ours are opened from anywhere, by keys and by menus. */
export function useReturnFocus(): ReturnFocus {
  const from = useRef<HTMLElement | null>(null);
  return {
    remember() {
      from.current = originOf(document.activeElement);
    },
    giveBack(event) {
      event.preventDefault();
      const target = from.current?.isConnected ? from.current : document.getElementById("main");
      target?.focus();
    },
  };
}

/** A menu is gone by then; what opened it is there. */
function originOf(element: Element | null): HTMLElement | null {
  const triggerId = element?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  if (triggerId) return document.getElementById(triggerId);
  return element instanceof HTMLElement && element !== document.body ? element : null;
}
