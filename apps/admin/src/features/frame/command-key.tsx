"use client";

import { useSyncExternalStore } from "react";
import { Kbd } from "#components/ui/kbd.tsx";

const never = (): (() => void) => () => undefined;
const isApple = (): boolean => /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** The key that begins commands on this machine. */
export function CommandKey() {
  return <Kbd>{useSyncExternalStore(never, isApple, () => false) ? "⌘" : "Ctrl"}</Kbd>;
}
