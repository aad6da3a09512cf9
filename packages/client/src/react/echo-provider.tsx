import { createContext, type ReactNode, useContext, useEffect } from "react";
import type { Echo } from "../echo.ts";

const EchoContext = createContext<Echo | null>(null);

export interface EchoProviderProps {
  /** Made once, outside of the component; it stays its maker's to close. */
  echo: Echo;
  children?: ReactNode;
}

/**
 * Gives a client to the hooks below it, and connects it. After a later sign-in call `echo.connect()`.
 *
 * @example
 * const echo = createEcho({ apiUrl, realtimeUrl, storage });
 * createRoot(element).render(<EchoProvider echo={echo}><App /></EchoProvider>);
 */
export function EchoProvider({ echo, children }: EchoProviderProps): ReactNode {
  useEffect(() => {
    // useConnection tells what becomes of it.
    echo.connect().catch(() => undefined);
  }, [echo]);
  return <EchoContext.Provider value={echo}>{children}</EchoContext.Provider>;
}

/** The client of the nearest EchoProvider. @throws Error outside of one */
export function useEcho(): Echo {
  const echo = useContext(EchoContext);
  if (!echo) throw new Error("No <EchoProvider> above this component");
  return echo;
}
