import type { CloseCode } from "./close-codes.ts";
import type { EventFrame } from "./frames.ts";
import type { Held, LocalUser, Subscriber } from "./hub.ts";
import type { SocketWriter } from "./socket-writer.ts";

/** A delivery with its frames: one for those who may see the quoted message, one for those who may not. */
export interface PreparedDelivery extends Held {
  readonly frame: EventFrame | null;
  readonly frameWithoutQuote: EventFrame | null;
}

/** What a subscription needs of its socket. */
interface Outlet {
  readonly writer: SocketWriter;
  close(code: CloseCode, reason: string): void;
}

/** One `events.subscribe` of one socket. */
export interface Subscription extends Subscriber {
  /** The request's id, as JSON. */
  readonly id: string;
  readonly outlet: Outlet;
  readonly user: LocalUser<Subscription>;
  /** Where it stood when it was last looked at, and since when: for cursor.advanced. */
  seen: { cursor: number; sinceMs: number };
}
