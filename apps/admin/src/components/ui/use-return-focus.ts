"use client";

import { useRef } from "react";

interface ReturnFocus {
  /** As a dialog opens, before it takes the focus. */
  remember(): void;
  /** As it closes. */
  giveBack(event: Event): void;
}

/** Radix gives the focus back to a dialog's trigger; ours are opened from anywhere, by keys too. */
export function useReturnFocus(): ReturnFocus {
  const from = useRef<HTMLElement | null>(null);
  return {
    remember() {
      const { activeElement } = document;
      from.current = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : null;
    },
    giveBack(event) {
      event.preventDefault();
      const target = from.current?.isConnected ? from.current : document.getElementById("main");
      target?.focus();
    },
  };
}
