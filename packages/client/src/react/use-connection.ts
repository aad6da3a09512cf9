import { useCallback, useSyncExternalStore } from "react";
import { storesOf } from "../stores/client-stores.ts";
import { type ConnectionSnapshot, notConnected } from "../stores/connection-store.ts";
import { useEcho } from "./echo-provider.tsx";

export type UseConnection = ConnectionSnapshot;

/** Whether events flow, when the next attempt begins, and how many messages wait to be sent. */
export function useConnection(): UseConnection {
  const { connection } = storesOf(useEcho());
  const subscribe = useCallback((listener: () => void) => connection.subscribe(listener), [connection]);
  return useSyncExternalStore(
    subscribe,
    () => connection.snapshot,
    () => notConnected,
  );
}
