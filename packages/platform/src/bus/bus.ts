import type { DriverFacts } from "../drivers/driver-facts.ts";

/** A subscription that is over for good once `unsubscribe` was called: no later message reaches its handler. */
export interface Subscription {
  unsubscribe(): Promise<void>;
}

/**
 * Wake-ups and ephemeral events between processes: at most once, fast, in order per channel and publisher. A publisher
 * that subscribes hears itself. Payloads are JSON, one object for all subscribers of a process: not to be changed. A
 * malformed record from outside is dropped and logged, never thrown, and so is what a handler throws.
 */
export interface Bus {
  readonly driver: DriverFacts;
  /** Largest JSON of one message in bytes. */
  readonly maxPayloadBytes: number;
  /**
   * Resolves when it is on its way; what a full queue or a store that is away refuses is UNAVAILABLE, never kept back.
   * @param channel 1 to 64 of letters, digits and `:_.-`
   * @throws EchoError PAYLOAD_TOO_LARGE, UNAVAILABLE
   */
  publish(channel: string, payload: unknown): Promise<void>;
  /** Resolves when messages published from now on arrive. */
  subscribe(channel: string, onMessage: (payload: unknown) => void): Promise<Subscription>;
  /** Calls back after each reconnect: what was published in between is lost. Answers how to stop it. */
  onReconnect(listener: () => void): () => void;
  /** Milliseconds since a heartbeat (one a second, through the store) was last heard; Infinity before the first. */
  heartbeatAgeMs(): number;
  /** Milliseconds from publishing to hearing. @throws EchoError UNAVAILABLE after 2 s */
  ping(): Promise<number>;
  close(): Promise<void>;
}
