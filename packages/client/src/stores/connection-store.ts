import type { Echo } from "../echo.ts";
import type { ConnectionState } from "../realtime/realtime.ts";
import type { OutgoingMessages } from "./outgoing.ts";
import { Store } from "./store.ts";

/** How it stands with the connection, for a notice. */
export interface ConnectionSnapshot {
  /**
   * "connecting": for the first time; "reconnecting": it was lost, and comes back by itself; "offline": this device has
   * no network, or `connect` was not called; "signedOut": nobody is signed in (any more).
   */
  status: "connecting" | "connected" | "reconnecting" | "offline" | "signedOut";
  /** When the next attempt begins, in ms as of Date.now(); null when none is awaited. */
  nextAttemptAt: number | null;
  /** Messages that are kept and sent as soon as they can be. */
  pending: number;
}

export const notConnected: ConnectionSnapshot = { status: "offline", nextAttemptAt: null, pending: 0 };

/** Of one client, for as long as it lives. */
export class ConnectionStore {
  readonly #store = new Store(notConnected);
  readonly #echo: Echo;
  readonly #outgoing: OutgoingMessages;
  #hasConnected = false;
  #nextAttemptAt: number | null = null;

  constructor(echo: Echo, outgoing: OutgoingMessages) {
    this.#echo = echo;
    this.#outgoing = outgoing;
    this.#note(echo.connection);
    echo.onConnection((state) => this.#note(state));
    outgoing.onChange(() => this.#render());
  }

  get snapshot(): ConnectionSnapshot {
    return this.#store.snapshot;
  }

  subscribe(listener: () => void): () => void {
    const render = () => this.#render();
    const stop = this.#store.subscribe(listener);
    const target: Partial<EventTarget> = globalThis;
    target.addEventListener?.("online", render);
    target.addEventListener?.("offline", render);
    return () => {
      stop();
      target.removeEventListener?.("online", render);
      target.removeEventListener?.("offline", render);
    };
  }

  #note(state: ConnectionState): void {
    this.#hasConnected = state.state === "connected" || (this.#hasConnected && state.state !== "ended");
    this.#nextAttemptAt = state.state === "waiting" ? Date.now() + state.retryInMs : null;
    this.#render();
  }

  #render(): void {
    const { pending } = this.#outgoing;
    const next = { status: this.#status(), nextAttemptAt: this.#nextAttemptAt, pending };
    const last = this.snapshot;
    const isSame =
      next.status === last.status && next.nextAttemptAt === last.nextAttemptAt && next.pending === last.pending;
    if (!isSame) this.#store.set(next);
  }

  #status(): ConnectionSnapshot["status"] {
    const { connection } = this.#echo;
    if (connection.state === "ended") return connection.reason === "disconnected" ? "offline" : "signedOut";
    if (globalThis.navigator?.onLine === false) return "offline";
    if (connection.state === "connected") return "connected";
    return this.#hasConnected || connection.state === "waiting" ? "reconnecting" : "connecting";
  }
}
