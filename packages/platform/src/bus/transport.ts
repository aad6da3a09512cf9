import type { DriverFacts } from "../drivers/driver-facts.ts";
import type { NumberedMessage } from "./packet.ts";

/** A way on which packets travel between processes. */
export interface BusTransport {
  readonly driver: DriverFacts;
  /** In order. Rejects when some may not have gone out. */
  send(messages: readonly NumberedMessage[]): Promise<void>;
  /** From when it resolves, messages of the channel arrive; while the store is away, from when it is back. */
  follow(channel: string): Promise<void>;
  unfollow(channel: string): void;
  /** Nothing was heard for long: the connection that hears may be dead without knowing it. */
  revive(): void;
  close(): Promise<void>;
}

export interface TransportHandlers {
  /** As whom this process publishes. */
  publisher: string;
  onPacket(text: string): void;
  /** What was said in between is lost. */
  onReconnect(): void;
}

export type OpenTransport = (handlers: TransportHandlers) => Promise<BusTransport>;
