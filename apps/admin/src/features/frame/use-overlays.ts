"use client";

import { useCallback, useState } from "react";
import { useShortcuts } from "./use-shortcuts.ts";

/** What may lie over the page; one at a time. */
export type Overlay = "palette" | "shortcuts" | "enrollTotp" | "disableTotp";

export interface OverlayState {
  /** Null: none. */
  overlay: Overlay | null;
  open(overlay: Overlay): void;
  close(): void;
}

export function useOverlays(): OverlayState {
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const close = useCallback(() => setOverlay(null), []);
  useShortcuts({
    onPalette: () => setOverlay((before) => (before === "palette" ? null : "palette")),
    onHelp: () => setOverlay("shortcuts"),
  });
  return { overlay, open: setOverlay, close };
}
