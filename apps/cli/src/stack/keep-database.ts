import type { Terminal } from "../terminal.ts";
import type { OpenDatabase } from "./database.ts";

const lookEveryMs = 1_000;

/** A database that died comes back on its port; whoever uses it reconnects by himself. Answers how to stop looking. */
export function keepDatabase({ note }: Terminal, { embedded }: OpenDatabase): () => void {
  const look = async () => {
    try {
      await embedded?.ensureRunning();
    } catch (error) {
      note(`PostgreSQL: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const watch = setInterval(() => void look(), lookEveryMs);
  return () => clearInterval(watch);
}
