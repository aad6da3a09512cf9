import { nowNs } from "../processes/pace.ts";
import type { OnFrame } from "./frame-walker.ts";
import { LoadSocket } from "./load-socket.ts";
import type { Seat } from "./wires.ts";

const seqMark = '"seq":';
const cursorMark = '"type":"data","id":"';
/** The SDK's first pause. */
const comeAgainWithinMs = 500;

interface Place {
  port: number;
  localAddress: string;
  seat: Seat;
}

/**
 * A client that comes back with a cursor, and looks at every event for its place in the conversation. Sent away, it comes
 * again from where it is, as the SDK does.
 */
export class ReturningClient {
  /** Events that came for the first time. */
  received = 0;
  doubled = 0;
  /** Events that came after one that they precede. */
  disordered = 0;
  /** How often it was sent away. */
  closes = 0;
  /** From the call to connect until all that was missed is there; null: not yet. */
  caughtUpMs: number | null = null;
  readonly #startedNs = nowNs();
  readonly #place: Place;
  readonly #missed: number;
  readonly #seen = new Set<number>();
  #socket: LoadSocket;
  #cursor: string | undefined;
  #lastSeq = 0;
  #hasLeft = false;

  constructor(place: Place, missed: number) {
    this.#place = place;
    this.#missed = missed;
    this.#cursor = place.seat.cursor;
    this.#socket = this.#connect();
  }

  leave(): void {
    this.#hasLeft = true;
    this.#socket.destroy();
  }

  #connect(): LoadSocket {
    const seat: Seat = { ...this.#place.seat, ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }) };
    const onClose = () => this.#comeAgain();
    const socket = new LoadSocket({ ...this.#place, seat, wire: "echo", keep: true, onEvent: this.#onEvent, onClose });
    // Whoever is not let in comes again: the close tells.
    socket.ready.catch(() => undefined);
    return socket;
  }

  #comeAgain(): void {
    if (this.#hasLeft) return;
    this.closes += 1;
    setTimeout(() => {
      if (!this.#hasLeft) this.#socket = this.#connect();
    }, Math.random() * comeAgainWithinMs);
  }

  readonly #onEvent: OnFrame = (_bytes, chunk, { start, end }) => {
    const frame = chunk.toString("latin1", start, end);
    const seq = Number.parseInt(after(frame, seqMark), 10);
    if (Number.isNaN(seq)) return;
    this.#cursor = after(frame, cursorMark).split('"', 1)[0];
    if (this.#seen.has(seq)) {
      this.doubled += 1;
      return;
    }
    this.#seen.add(seq);
    this.received += 1;
    if (seq < this.#lastSeq) this.disordered += 1;
    this.#lastSeq = Math.max(seq, this.#lastSeq);
    if (this.received === this.#missed) this.caughtUpMs = (nowNs() - this.#startedNs) / 1e6;
  };
}

/** Some characters behind a mark; "" where it is missing. */
function after(frame: string, mark: string): string {
  const at = frame.indexOf(mark);
  return at < 0 ? "" : frame.slice(at + mark.length, at + mark.length + 64);
}
