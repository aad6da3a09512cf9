const nothing = Buffer.alloc(0);

/**
 * The frames that a tick gathered for a socket, in order. Sockets that are given the same frames share one run, so what
 * a thousand members of a conversation get is joined once. A run without frames is where a tick's runs begin.
 */
export class FrameRun {
  readonly #before: FrameRun | null;
  readonly #frame: Buffer;
  readonly #bytes: number;
  #joined: Buffer | null = null;
  /** What the last socket here was given next, as a rule the following ones' too. */
  #next: FrameRun | null = null;
  #others: Map<Buffer, FrameRun> | null = null;

  constructor(before: FrameRun | null = null, frame: Buffer = nothing) {
    this.#before = before;
    this.#frame = frame;
    this.#bytes = (before === null ? 0 : before.#bytes) + frame.length;
  }

  /** This run with one more frame. */
  with(frame: Buffer): FrameRun {
    const last = this.#next;
    if (last !== null && last.#frame === frame) return last;
    this.#next = this.#others?.get(frame) ?? new FrameRun(this, frame);
    if (last !== null) {
      this.#others ??= new Map();
      this.#others.set(last.#frame, last);
    }
    return this.#next;
  }

  /** All frames as one buffer, which many may hold: not to be changed. */
  join(): Buffer {
    this.#joined ??= this.#before === null || this.#before.#bytes === 0 ? this.#frame : this.#concat(this.#before);
    return this.#joined;
  }

  #concat(before: FrameRun): Buffer {
    const frames = [this.#frame];
    for (let run: FrameRun | null = before; run !== null; run = run.#before) frames.push(run.#frame);
    return Buffer.concat(frames.reverse(), this.#bytes);
  }
}
