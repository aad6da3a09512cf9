import { nowNs } from "../processes/pace.ts";
import type { OnFrame } from "./frame-walker.ts";
import { LoadSocket } from "./load-socket.ts";
import type { Seat } from "./wires.ts";

const seqMark = '"seq":';

/** A client that comes back with a cursor, and looks at every event for its place in the conversation. */
export class ReturningClient {
  /** Events that came in their order, each for the first time. */
  received = 0;
  doubled = 0;
  /** Events that came before one that precedes them. */
  disordered = 0;
  /** From the call to connect until all that was missed is there; null: not yet. */
  caughtUpMs: number | null = null;
  readonly socket: LoadSocket;
  readonly #startedNs = nowNs();
  readonly #missed: number;
  readonly #seen = new Set<number>();
  #lastSeq = 0;

  constructor(place: { port: number; localAddress: string; seat: Seat }, missed: number) {
    this.#missed = missed;
    this.socket = new LoadSocket({ ...place, wire: "echo", keep: true, onEvent: this.#onEvent });
  }

  readonly #onEvent: OnFrame = (_bytes, chunk, { start, end }) => {
    const at = chunk.indexOf(seqMark, start);
    if (at < 0 || at >= end) return;
    const seq = Number.parseInt(chunk.toString("latin1", at + seqMark.length, at + seqMark.length + 12), 10);
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
