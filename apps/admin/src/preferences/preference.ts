"use client";

import { useSyncExternalStore } from "react";

/** One of a few words, kept in this browser. */
export interface Preference<Value extends string> {
  use(): Value;
  set(value: Value): void;
}

/** The first of the values is the one to begin with; the server renders with it too. */
export function createPreference<const Value extends string>(
  key: string,
  values: readonly [Value, ...Value[]],
): Preference<Value> {
  const [byDefault] = values;
  const listeners = new Set<() => void>();
  // Where a browser keeps nothing (a private window) it holds for the page's life.
  let inMemory: string | null = null;
  const read = (): Value => {
    const kept = readKept(key) ?? inMemory;
    return values.find((value) => value === kept) ?? byDefault;
  };
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    window.addEventListener("storage", listener);
    return () => {
      listeners.delete(listener);
      window.removeEventListener("storage", listener);
    };
  };
  return {
    use: () => useSyncExternalStore(subscribe, read, () => byDefault),
    set(value) {
      inMemory = value;
      keep(key, value);
      for (const listener of listeners) listener();
    },
  };
}

function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds in memory.
  }
}
