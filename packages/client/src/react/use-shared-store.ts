import { useCallback, useSyncExternalStore } from "react";
import type { LiveStore, SharedStores } from "../stores/shared-stores.ts";

/** Subscribes to the store of a key; what is rendered before, and on a server, is its initial snapshot. */
export function useSharedStore<S, L extends LiveStore<S>>(stores: SharedStores<S, L>, key: string): S {
  const subscribe = useCallback((listener: () => void) => stores.subscribe(key, listener), [stores, key]);
  const snapshot = useCallback(() => stores.snapshot(key), [stores, key]);
  const initial = useCallback(() => stores.initial, [stores]);
  return useSyncExternalStore(subscribe, snapshot, initial);
}
